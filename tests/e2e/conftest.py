"""The real template on a local cloud of this test's own, beside a sandbox that can be killed and started again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from cli.aws import open_site
from crossdock.runtime.clock import SystemClock
from sandbox.__main__ import Credentials, connection_file
from sandbox.cloud.local import LocalCloud
from sandbox.cloud.places import ROOT
from sandbox.drill.systems import Systems, free_port, tell
from sandbox.run.books import Evidence, read_books
from sandbox.scenario import Scenario, connection
from simulation.books import Books

SALES = 12


@dataclass
class Deployed:
    """The deployed stack, as its operator sees it."""

    cloud: LocalCloud
    api: str
    sandbox: Systems

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

    def books(self) -> Books:
        """What both systems wrote down so far."""
        return read_books(self.sandbox.dear, self.sandbox.warehouse)

    def evidence(self, scenario: Scenario) -> Books:
        """The same, with all else that the auditor wants."""
        credentials = Credentials.of(self.sandbox.state)
        evidence = Evidence("main", self.sandbox.dear, self.sandbox.warehouse, scenario, credentials)
        with self.environment():
            site = open_site(self.cloud.name, os.environ, SystemClock())
            return evidence.books(site, self.cloud.ministack.log)

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Point this process at the cloud."""
        with pytest.MonkeyPatch.context() as patched:
            for name, value in self.cloud.environment().items():
                patched.setenv(name, value)
            yield

    def work(self, push_share: float) -> None:
        tell(self.sandbox.warehouse, "work", {"push_share": push_share})

    def kill_functions(self) -> int:
        workers = self.cloud.ministack.workers()
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        return len(workers)

    def kill_once(self, reached: Callable[[Books], bool], *arguments: str) -> None:
        """Run a command, and kill the functions and both systems as soon as the books say so; the systems come back."""
        running = self.begin(*arguments)
        for _ in range(1200):
            if reached(self.books()):
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
    systems = Systems(tmp_path_factory.mktemp("sandbox"), ("--sales", str(SALES)))
    systems.start()
    cloud.start()
    try:
        outputs = cloud.deploy()
        yield Deployed(cloud, cloud.api_url(outputs), systems)
    finally:
        systems.kill()
        cloud.stop()


@pytest.fixture(scope="session")
def connected(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """With a connection made the way an operator makes it, and a warehouse that knows where to push."""
    sandbox = deployed.sandbox
    file = tmp_path_factory.mktemp("connection") / "main.toml"
    file.write_text(connection_file({"name": "main", **connection(sandbox.dear_api, sandbox.warehouse)}))
    deployed.crossdock("connect", str(file), **sandbox.credentials)
    push = {"url": f"{deployed.api}/v1/connections/main", "secret": sandbox.credentials["CROSSDOCK_WEBHOOK_SECRET"]}
    tell(sandbox.warehouse, "settings", {"push": push})
    return deployed
