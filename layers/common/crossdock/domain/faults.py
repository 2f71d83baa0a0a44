"""Faults in words that are safe to log and to store: what another library says may quote a secret or a person."""

from collections.abc import Iterator
from pathlib import Path
from traceback import extract_tb

from crossdock.domain.errors import CrossdockError


def fault_told(fault: BaseException) -> str:
    """Our own errors in their words, others by kind and place."""
    if isinstance(fault, CrossdockError):
        return str(fault)
    frames = extract_tb(fault.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(fault).__name__ + place


def trace_told(fault: BaseException) -> str:
    """Where a fault came from, and what it came of: every frame, and no text but our own errors'."""
    return "\nwhich came of\n".join("\n".join((fault_told(each), *_frames(each))) for each in _causes(fault))


def _frames(fault: BaseException) -> Iterator[str]:
    return (f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(fault.__traceback__))


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """The fault and those before it, the last first; each once."""
    seen: list[BaseException] = []
    found: BaseException | None = fault
    while found is not None and found not in seen:
        seen.append(found)
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
