"""A DEAR whose list people change while it is read, and a ledger in memory."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from crossdock.domain.errors import LostRace
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.order import Order
from crossdock.domain.sale import SaleRow
from crossdock.domain.settings import parse_connection
from crossdock.domain.states import OrderStatus, Step
from crossdock.ports import Checkpoint, SalePage
from crossdock.workflow import Workplace
from tests.unit.builders import row

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class HandClock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class ShiftingDear:
    """saleList in some order, in pages of `limit`; `between` is called before each page but the first of the test."""

    def __init__(self, clock: HandClock, limit: int = 3) -> None:
        self.clock, self.limit = clock, limit
        self.sales: dict[str, SaleRow] = {}
        self.order: Callable[[SaleRow], Any] = lambda each: each.updated
        self.descending = True
        self.skew = timedelta(0)
        self.between: list[Callable[[], None]] = []
        self.pages = 0
        self.reads: list[str] = []

    def touch(self, sale_id: str, **changes: Any) -> None:
        """A person makes or changes a sale, now by DEAR's own clock."""
        stamp = (self.clock.now() + self.skew).isoformat()
        known = self.sales.get(sale_id) or row(sale_id=sale_id, order_number=f"SO-{sale_id}")
        self.sales[sale_id] = known.model_copy(update={"updated": stamp, **changes})

    def list_sales(self, *, page: int, updated_since: datetime | None) -> SalePage:
        if self.pages and self.between:
            self.between.pop(0)()
        self.pages += 1
        shown = [each for each in self.sales.values() if updated_since is None or _stamp(each) > updated_since]
        shown.sort(key=self.order, reverse=self.descending)
        start = (page - 1) * self.limit
        rows = tuple(shown[start : start + self.limit])
        return SalePage(rows=rows, total=len(shown), more=bool(rows) and start + len(rows) < len(shown))

    def calls_made(self) -> int:
        return self.pages


def _stamp(each: SaleRow) -> datetime:
    return datetime.fromisoformat(each.updated)


class MemoryLedger:
    """Entries and orders by sale, with versions as the store keeps them."""

    def __init__(self) -> None:
        self.entries: dict[str, SaleEntry] = {}
        self.orders: dict[str, Order] = {}
        self.writes = 0
        self.races_to_lose = 0

    def sales(self, connection: str, sale_ids: Iterable[str]) -> dict[str, SaleEntry]:  # noqa: ARG002
        return {sale_id: self.entries[sale_id] for sale_id in sale_ids if sale_id in self.entries}

    def sale(self, connection: str, sale_id: str) -> SaleEntry | None:  # noqa: ARG002
        return self.entries.get(sale_id)

    def save_sale(self, entry: SaleEntry) -> None:
        known = self.entries.get(entry.sale_id)
        if self.races_to_lose:
            self.races_to_lose -= 1
            raise LostRace(entry.order_number)
        if entry.version != (known.version if known else 0) + 1:
            raise LostRace(entry.order_number, known)
        self.entries[entry.sale_id] = entry
        self.writes += 1

    def orders_of_sale(self, connection: str, sale_id: str) -> tuple[Order, ...]:  # noqa: ARG002
        return tuple(order for order in self.orders.values() if order.sale_id == sale_id)

    def list_orders(
        self,
        connection: str,  # noqa: ARG002
        status: OrderStatus,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Order]:
        orders = [order for order in self.orders.values() if order.status is status]
        since_then = [order for order in orders if since is None or order.updated_at >= since]
        return iter([order for order in since_then if until is None or order.updated_at <= until])

    def save_order(self, order: Order) -> None:
        self.orders[order.reference] = order


class MemoryCheckpoints:
    def __init__(self) -> None:
        self.kept: dict[Step, Checkpoint] = {}
        self.saves = 0

    def checkpoint(self, connection: str, step: Step) -> Checkpoint:  # noqa: ARG002
        return self.kept.get(step, Checkpoint())

    def save_checkpoint(self, connection: str, step: Step, checkpoint: Checkpoint) -> Checkpoint:  # noqa: ARG002
        if checkpoint.version != self.kept.get(step, Checkpoint()).version:
            raise LostRace("the checkpoint", self.kept.get(step))
        self.kept[step] = checkpoint.model_copy(update={"version": checkpoint.version + 1})
        self.saves += 1
        return self.kept[step]


class RunsFor:
    """A run's time in pages: it is over in the middle of the page after so many."""

    def __init__(self, dear: ShiftingDear, pages: int | None) -> None:
        self._dear, self._last = dear, None if pages is None else dear.pages + pages

    def seconds_left(self) -> float:
        return 60.0 if self._last is None or self._dear.pages <= self._last else 0.0


class _Quiet:
    def keep(self) -> None:
        """The only copy."""

    def info(self, event: str, **facts: object) -> None:
        """Not looked at."""

    def warning(self, event: str, **facts: object) -> None:
        """Not looked at."""

    def exception(self, event: str, **facts: object) -> None:
        raise AssertionError(f"{event}: {facts}")


class Ledgering:
    """A connection whose list is read, run by run."""

    def __init__(self, **settings: object) -> None:
        self.clock = HandClock()
        self.dear = ShiftingDear(self.clock)
        self.orders, self.checkpoints = MemoryLedger(), MemoryCheckpoints()
        self.settings = settings

    def work(self, pages: int | None = None) -> Workplace:
        document = {"name": "main", "warehouse": {"base_url": "https://wms.example.com"}, "settings": self.settings}
        return Workplace(
            connection=parse_connection(document), orders=self.orders, checkpoints=self.checkpoints,  # type: ignore[arg-type]
            clock=self.clock, deadline=RunsFor(self.dear, pages), lease=_Quiet(), log=_Quiet(),
            dear=lambda: self.dear, warehouse=lambda: None,  # type: ignore[arg-type,return-value]
        )  # fmt: skip

    def listed(self) -> Checkpoint:
        return self.checkpoints.checkpoint("main", Step.DOWNLOAD_ORDERS)
