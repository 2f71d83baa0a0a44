"""The real template on a local cloud of this test's own, beside a sandbox that can be killed and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.__main__ import Credentials, connection_file
from sandbox.cloud.local import LocalCloud
from sandbox.run.books import Books
from sandbox.scenario import connection

ROOT = Path(__file__).parents[2]
SALES = 12


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Sandbox:
    """Both sandbox systems in a process of their own, always on the same ports and the same state."""

    state: Path
    dear_port: int
    warehouse_port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        ports = ["--dear-port", str(self.dear_port), "--warehouse-port", str(self.warehouse_port)]
        command = [sys.executable, "-m", "sandbox", *ports, "--state", str(self.state), "--sales", str(SALES)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                requests.get(f"{self.dear}/_control/health", timeout=1)
                requests.get(f"{self.warehouse}/_control/health", timeout=1)
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return
        pytest.fail("the sandbox did not start")

    def kill(self) -> None:
        """As a machine dies: no goodbye, nothing flushed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def dear(self) -> str:
        return f"http://127.0.0.1:{self.dear_port}"

    @property
    def warehouse(self) -> str:
        return f"http://127.0.0.1:{self.warehouse_port}"

    @property
    def credentials(self) -> dict[str, str]:
        return asdict(Credentials.of(self.state))

    def work(self, push_share: float) -> None:
        answer = requests.post(f"{self.warehouse}/_control/work", json={"push_share": push_share}, timeout=60)
        answer.raise_for_status()

    def books(self) -> Books:
        bearer = {"Authorization": f"Bearer {self.credentials['CROSSDOCK_WMS_TOKEN']}"}
        return Books(
            dear=_get(f"{self.dear}/_control/ledger")["ledger"],
            warehouse=_get(f"{self.warehouse}/_control/ledger")["ledger"],
            calls=_get(f"{self.dear}/_control/calls")["calls"],
            dear_sales=_get(f"{self.dear}/_control/sales")["sales"],
            dear_stock=_get(f"{self.dear}/_control/stock")["stock"],
            warehouse_stock=_get(f"{self.warehouse}/inventory?limit=1000", bearer)["items"],
        )


def _get(url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = requests.get(url, headers=headers, timeout=10)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


@dataclass
class Deployed:
    """The deployed stack, as its operator sees it."""

    cloud: LocalCloud
    api: str
    sandbox: Sandbox

    def crossdock(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=500,
            env={**self.cloud.child_environment(), **environment}, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.crossdock(*arguments, "--json").stdout)

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", *arguments], cwd=ROOT, env=self.cloud.child_environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def workers(self) -> list[int]:
        """The processes that MiniStack runs the functions in."""
        cloud = self.cloud.ministack.pid
        children = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rsplit(") ", 1)[1].split()
            except OSError:
                continue
            children[int(entry.parent.name)] = int(fields[1])
        family = {cloud}
        while grown := {pid for pid, parent in children.items() if parent in family} - family:
            family |= grown
        return sorted(family - {cloud})

    def kill_functions(self) -> int:
        workers = self.workers()
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        return len(workers)

    def kill_once(self, reached: Callable[[Books], bool], *arguments: str) -> None:
        """Run a command, and kill the functions and both systems as soon as the books say so; the systems come back."""
        running = self.begin(*arguments)
        for _ in range(1200):
            if reached(self.sandbox.books()):
                break
            time.sleep(0.05)
        else:
            pytest.fail(f"{arguments} did not come so far")
        assert self.kill_functions() > 0
        self.sandbox.kill()
        running.wait(timeout=120)
        self.sandbox.start()

    def logs(self) -> str:
        return (self.cloud.folder / "ministack.log").read_text(errors="replace")


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    cloud = LocalCloud.named("crossdock-e2e", free_port())
    cloud.purge()
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), free_port(), free_port())
    sandbox.start()
    cloud.start()
    try:
        outputs = cloud.deploy()
        yield Deployed(cloud, cloud.api_url(outputs), sandbox)
    finally:
        sandbox.kill()
        cloud.stop()


@pytest.fixture(scope="session")
def connected(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """With a connection made the way an operator makes it, and a warehouse that knows where to push."""
    sandbox = deployed.sandbox
    file = tmp_path_factory.mktemp("connection") / "main.toml"
    file.write_text(
        connection_file({"name": "main", **connection(f"{sandbox.dear}/ExternalApi/v2", sandbox.warehouse)})
    )
    deployed.crossdock("connect", str(file), **sandbox.credentials)
    secret = sandbox.credentials["CROSSDOCK_WEBHOOK_SECRET"]
    push = {"url": f"{deployed.api}/v1/connections/main", "secret": secret}
    requests.post(f"{sandbox.warehouse}/_control/settings", json={"push": push}, timeout=5).raise_for_status()
    return deployed
