"""Logs and metrics: Powertools, with the connection and the order number in every line, and no personal data."""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from crossdock.domain.report import Report

logger = Logger(log_uncaught_exceptions=True)
metrics = Metrics()


class StepLog:
    """The log of one step, for code that must not know Powertools."""

    def __init__(self, connection: str) -> None:
        self._connection = connection

    def info(self, event: str, **facts: object) -> None:
        logger.info(event, extra={"connection": self._connection, **facts})

    def warning(self, event: str, **facts: object) -> None:
        logger.warning(event, extra={"connection": self._connection, **facts})

    def exception(self, event: str, **facts: object) -> None:
        logger.exception(event, extra={"connection": self._connection, **facts})  # noqa: LOG004 - called in a handler


def publish(report: Report) -> None:
    """The run's business counts and its heartbeat, as metrics with the step as their service."""
    for what, number in report.counts.items():
        metrics.add_metric(name="".join(word.title() for word in what.split()), unit=MetricUnit.Count, value=number)
    metrics.add_metric(name="Problems", unit=MetricUnit.Count, value=len(report.problems))
    metrics.add_metric(name="DearCalls", unit=MetricUnit.Count, value=report.dear_calls)
