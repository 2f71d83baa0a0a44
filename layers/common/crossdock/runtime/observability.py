"""Logs and metrics: Powertools, with the connection and the order number in every line, and no personal data."""

from types import TracebackType

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit

from crossdock.domain.faults import trace_told
from crossdock.domain.report import Report


class _Formatter(LambdaPowertoolsFormatter):
    """Traces without the texts of foreign exceptions, which may quote what they met."""

    def __init__(self) -> None:
        super().__init__(serialize_stacktrace=False)

    def formatException(  # noqa: N802 - the library's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return trace_told(ei[1]) if ei[1] is not None else ""


logger = Logger(log_uncaught_exceptions=True, logger_formatter=_Formatter())
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
