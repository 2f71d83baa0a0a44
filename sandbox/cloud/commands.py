"""Runs SAM quietly: its output goes to a log, and only a failure speaks."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.cloud.errors import CloudError
from sandbox.cloud.places import ROOT

TAIL = 12
TELLING = re.compile(r"^\s*(\w*(Error|Exception)\b|Build Failed|Error)")


def run(command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
    """Run to the end; on failure raise `CloudError` with the last lines of the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(  # noqa: S603 - the command is this package's own
            command,
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode:
        what = " ".join([Path(command[0]).name, *command[1:2]])
        raise CloudError(f"`{what}` failed.\n{last_lines(log)}", "Mend what the log names, then try again.", log)


def last_lines(log: Path) -> str:
    """What a person needs to see of a log: the last lines that name an error, or else just the last."""
    lines = [line.rstrip() for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if TELLING.match(line)]
    return "\n".join(f"  {line.strip()}" for line in (telling[-3:] or lines[-TAIL:]))
