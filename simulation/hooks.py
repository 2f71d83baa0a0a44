"""botocore's hooks around the calls to a table, as far as tests of the store use them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


class Events:
    """What is registered to be called before, after and instead of giving up on a call."""

    def __init__(self) -> None:
        self._hooks: dict[str, list[Callable[..., Any]]] = {}

    def register(self, name: str, hook: Callable[..., Any], unique_id: str | None = None) -> None:  # noqa: ARG002
        self._hooks.setdefault(name, []).append(hook)

    register_first = register

    def unregister(self, name: str, unique_id: str | None = None) -> None:  # noqa: ARG002
        self._hooks.pop(name, None)

    def calling(self, call: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Make the call, and once more where a hook believes that its answer was lost."""
        if not self._hooks:
            return act()
        self._emit("before-call", call)
        answer = act()
        self._emit("after-call", call)
        return act() if any(wait is not None for wait in self._emit("needs-retry", call)) else answer

    def _emit(self, when: str, call: str) -> list[Any]:
        names = (f"{when}.dynamodb", f"{when}.dynamodb.{call}")
        hooks = [hook for name in names for hook in self._hooks.get(name, ())]
        return [hook(response=True, model=SimpleNamespace(name=call)) for hook in hooks]
