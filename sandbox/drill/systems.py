"""A DEAR account and its warehouse in a process of their own, which can be killed and comes back as it was."""

import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import requests

from sandbox.__main__ import DEAR_PATH, Credentials
from sandbox.cloud.places import ROOT

START_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Systems:
    """Always on the same ports and the same state. `arguments` are more of `python -m sandbox`."""

    state: Path
    arguments: tuple[str, ...] = ()
    dear_port: int = field(default_factory=free_port)
    warehouse_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def dear(self) -> str:
        return f"http://127.0.0.1:{self.dear_port}"

    @property
    def dear_api(self) -> str:
        return self.dear + DEAR_PATH

    @property
    def warehouse(self) -> str:
        return f"http://127.0.0.1:{self.warehouse_port}"

    @property
    def credentials(self) -> dict[str, str]:
        """What opens it, as environment variables."""
        return asdict(Credentials.of(self.state))

    def start(self) -> None:
        """Begin to serve, or go on; returns when both answer."""
        ports = ("--dear-port", str(self.dear_port), "--warehouse-port", str(self.warehouse_port))
        command = (sys.executable, "-m", "sandbox", *ports, "--state", str(self.state), *self.arguments)
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        end = time.monotonic() + START_SECONDS
        while not (_answers(self.dear) and _answers(self.warehouse)):
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError(f"the sandbox in {self.state} did not start")
            time.sleep(0.1)

    def kill(self) -> None:
        """As a machine dies: no goodbye, nothing flushed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/_control/health", timeout=1).ok
    except requests.RequestException:
        return False


def tell(url: str, path: str, body: Any = None) -> dict[str, Any]:
    """Ask a system's control plane for something. Raises `requests.RequestException` when it is down, or refuses."""
    answer = requests.post(f"{url}/_control/{path}", json=body or {}, timeout=120)
    answer.raise_for_status()
    done: dict[str, Any] = answer.json()
    return done


def look(url: str, what: str) -> list[dict[str, Any]]:
    """What the control plane shows under that name."""
    answer = requests.get(f"{url}/_control/{what}", timeout=30)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()[what]
    return found
