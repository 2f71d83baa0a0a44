"""What a step says of its run: stored, returned to the caller, and turned into metrics."""

from collections import Counter
from datetime import datetime
from enum import StrEnum

from crossdock.domain.model import Record
from crossdock.domain.states import Step

PROBLEMS_SHOWN = 200
"""A report holds no more problems than these, so that it can be stored however much goes wrong."""


class RunOutcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    BUSY = "busy"
    OFF = "off"
    DEADLINE = "deadline"
    BUDGET = "budget"
    STOPPED = "stopped"


class Problem(Record):
    """Something that did not go on, with its reason; `subject` is an order number, a reference or a SKU."""

    subject: str
    code: str
    text: str


class Report(Record):
    """One run of one step for one connection. Holds no personal data."""

    step: Step
    connection: str
    outcome: RunOutcome
    moved: int = 0
    counts: dict[str, int] = {}
    problems: tuple[Problem, ...] = ()
    stopped_because: str | None = None
    resume_at: datetime | None = None
    dear_calls: int = 0
    started_at: datetime
    finished_at: datetime


class Tally:
    """Counts while a step runs. What `moved` counts is progress; everything else is only told."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.moved = 0
        self.problems: list[Problem] = []
        self._noted: set[Problem] = set()
        self.outcome = RunOutcome.DONE
        self.stopped_because: str | None = None
        self.resume_at: datetime | None = None

    def progress(self, what: str, number: int = 1) -> None:
        """Count something that changed the state of an order, a shipment, a sale or stock."""
        if not number:
            return
        self.counts[what] += number
        self.moved += number

    def tell(self, what: str, number: int = 1) -> None:
        """Count something worth telling that is no progress."""
        self.counts[what] += number

    def trouble(self, subject: str, code: str, text: str) -> None:
        """Note a problem, once; the first of them are shown, of the others only how many there are."""
        problem = Problem(subject=subject, code=code, text=text)
        if problem in self._noted:
            return
        self._noted.add(problem)
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(problem)
        else:
            self.tell("problems not shown")

    def stop(self, outcome: RunOutcome, because: str, resume_at: datetime | None = None) -> None:
        """Note that the run ends before its work is done."""
        self.outcome, self.stopped_because, self.resume_at = outcome, because, resume_at
