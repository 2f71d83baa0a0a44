"""What can go wrong with the local cloud, told so that a person knows what to do."""

from pathlib import Path


class CloudError(Exception):
    """The local cloud cannot go on: what happened, what to do, and where the log is."""

    def __init__(self, problem: str, todo: str, log: Path | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.todo = todo
        self.log = log

    def __str__(self) -> str:
        parts = [self.problem, self.todo, f"Log: {self.log}" if self.log else ""]
        return "\n".join(part for part in parts if part)
