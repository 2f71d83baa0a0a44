"""The few places where the product draws at random, drawn from the seed instead: ids that only have to differ."""

from random import Random
from types import ModuleType
from uuid import UUID

from crossdock.store import window, writes
from receive_tracking import door


def draw_from(seed: str) -> None:
    """Let every draw follow from the seed, for the run that now begins in this process."""
    random = Random(seed)

    def uuid4() -> UUID:
        return UUID(int=random.getrandbits(128))

    def token_hex(length: int) -> str:
        return f"{random.getrandbits(8 * length):0{2 * length}x}"

    _put(writes, "uuid4", uuid4)
    _put(window, "token_hex", token_hex)
    _put(door, "token_bytes", random.randbytes)


def _put(module: ModuleType, name: str, draw: object) -> None:
    if not hasattr(module, name):
        raise LookupError(f"{module.__name__} draws by another name than {name}")
    setattr(module, name, draw)
