"""MiniStack as a process of its own that outlives the command that started it."""

import contextlib
import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from sandbox.cloud.commands import last_lines
from sandbox.cloud.errors import CloudError
from sandbox.cloud.places import MINISTACK, tool

START_SECONDS = 60
STOP_SECONDS = 30
POLL_SECONDS = 0.05
HOST = "127.0.0.1"


class MiniStack:
    """One MiniStack: its port and its folder.

    It holds a lock on a file in the folder for as long as it lives. So whether it runs is known even after a crash
    or a reboot, when a process id alone may already name another process.
    """

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.log = folder / "ministack.log"
        self._folder = folder
        self._pid_file = folder / "pid"
        self._lock_file = folder / "lock"

    @property
    def pid(self) -> int | None:
        """Of the running process; None when none runs."""
        return int(self._pid_file.read_text()) if self._is_locked() and self._pid_file.exists() else None

    def workers(self) -> dict[int, str]:
        """The processes that run a function at this moment: process id to the function's name."""
        group = os.getpgid(self.pid or 0)
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                pid = int(process.name)
                name = named(process) if os.getpgid(pid) == group and is_at_work(process) else None
                if name is not None:
                    found[pid] = name
        return found

    def start(self, settings: dict[str, str]) -> bool:
        """Start unless it runs; whether it was started. Returns when it answers."""
        if self.pid is not None:
            self._wait_until_healthy()
            return False
        if self._port_answers():
            raise CloudError(
                f"Port {self.port} of this machine is taken by another program.",
                "Stop that program, or choose another port with --port.",
            )
        self._spawn(settings)
        self._wait_until_healthy()
        return True

    def stop(self) -> bool:
        """Ask it to save and leave; whether one was running."""
        pid = self.pid
        if pid is None:
            return False
        group = os.getpgid(pid)
        os.kill(pid, signal.SIGTERM)
        saved = self._gone_within(STOP_SECONDS)
        end_group(group)  # the functions' warm workers outlive it, and itself if it hangs
        if not saved:
            raise CloudError(
                f"MiniStack did not leave within {STOP_SECONDS} seconds and was ended.",
                "What it did since its last start is lost: deploy and seed again.",
                self.log,
            )
        self._pid_file.unlink(missing_ok=True)
        return True

    def _spawn(self, settings: dict[str, str]) -> None:
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)  # unpacked functions of the last run
        for name in ("services", "s3", "tmp"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        environment = {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "STATE_DIR": str(self._folder / "services"),
            "S3_DATA_DIR": str(self._folder / "s3"),
            "TMPDIR": str(self._folder / "tmp"),
            "HOME": str(self._folder),
            "PATH": os.environ.get("PATH", os.defpath),
            **settings,
        }
        with self._lock_file.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another command is starting it at this moment
            self._pid_file.write_text(detached([tool(MINISTACK)], environment, self.log, lock.fileno()))

    def _wait_until_healthy(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._is_healthy():
                return
            if not self._is_locked():
                break
            time.sleep(POLL_SECONDS)
        seen = last_lines(self.log) if self.log.exists() else ""
        raise CloudError(f"MiniStack did not start.\n{seen}", "Mend what the log names, then try again.", self.log)

    def _gone_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self._is_locked():
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _is_locked(self) -> bool:
        if not self._lock_file.exists():
            return False
        with self._lock_file.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _port_answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def named(process: Path) -> str | None:
    """The function that a process below /proc runs; None where it runs none."""
    prefix = "AWS_LAMBDA_FUNCTION_NAME="
    settings = (process / "environ").read_text(errors="replace").split("\0")
    return next((each.removeprefix(prefix) for each in settings if each.startswith(prefix)), None)


def is_at_work(process: Path) -> bool:
    """Whether a process below /proc has ever opened a connection, and is not waiting for what it is to do next."""
    connected = any(str(handle.readlink()).startswith("socket:") for handle in (process / "fd").iterdir())
    return connected and "pipe" not in (process / "wchan").read_text()


def detached(command: list[str], environment: dict[str, str], log: Path, lock: int) -> str:
    """Start a process that is no child of this one and takes the lock along; its process id.

    The shell between the two leaves at once, so that nobody has to wait for the process when it ends.
    """
    shell = ["/bin/sh", "-c", 'exec "$@" >"$0" 2>&1 & echo $!', str(log), *command]
    started = subprocess.run(  # noqa: S603 - the command is this package's own
        shell,
        cwd=log.parent,
        env=environment,
        capture_output=True,
        text=True,
        start_new_session=True,
        pass_fds=[lock],
        check=True,
    )
    return started.stdout.strip()


def end_group(group: int) -> None:
    """End what is left of a process group; none left is as good."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
