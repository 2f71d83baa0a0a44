"""Where the local cloud finds its tools and keeps what it makes; all of it in folders that git ignores."""

import fcntl
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.cloud.errors import CloudError

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
BUILD = LOCAL / "build"
MINISTACK = LOCAL / "venv-cloud" / "bin" / "ministack"
SAM = LOCAL / "venv-sam" / "bin" / "sam"

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def architecture() -> str:
    """The processor of this machine in Lambda's words: the built wheels have to run here."""
    if sys.platform != "linux":
        raise CloudError(
            "The local cloud needs Linux: it runs the functions, built for Lambda's Linux, on this machine's Python.",
            "Run it in a Linux container or virtual machine with Python 3.13.",
        )
    return ARCHITECTURES[platform.machine().lower()]


def tool(path: Path) -> str:
    if not path.exists():
        raise CloudError(f"{path.name} is not installed.", "Run `make environments`, then try again.")
    return str(path)


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """One at a time: two clouds share the build folder."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def environment_without_aws() -> dict[str, str]:
    """What a child may inherit: not the developer's AWS settings, which would lead it elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_CLI_"))}
