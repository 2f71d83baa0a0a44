"""What products are made of, learnt from DEAR: a call for a product in a day, kept in between."""

from collections.abc import Iterable, Mapping

from crossdock.domain.bills import Bill
from crossdock.domain.errors import CrossdockError
from crossdock.domain.kits import unlearnt
from crossdock.workflow import Workplace


class BillsUnfinished(CrossdockError):
    """The run's time is over before every product was looked up; what was learnt is kept, and the rest comes next."""

    code = "bills_unfinished"


def learn_bills(
    work: Workplace, product_ids: Iterable[str], known: Mapping[str, Bill] | None = None, *, fresh: bool = False
) -> dict[str, Bill]:
    """The bills of these products and, through kits within kits, of all their components: all of them, or an error.

    `known`: bills that are not to be asked for; `fresh`: what is remembered does not do. Each one that is learnt is
    remembered at once, so a try that is cut short is gone on with.
    """
    wanted = tuple(product_ids)
    bills = dict(known or {})
    while missing := unlearnt(wanted, bills):
        bills |= {product_id: _bill(work, product_id, fresh=fresh) for product_id in missing}
    return bills


def _bill(work: Workplace, product_id: str, *, fresh: bool) -> Bill:
    kept = None if fresh else work.checkpoints.bill(work.name, product_id)
    if kept is not None:
        return kept
    if work.deadline.seconds_left() <= 0:
        raise BillsUnfinished("the run's time was over before every product of the sale was looked up")
    work.lease.keep()
    bill = work.dear().read_bill(product_id)
    work.checkpoints.remember_bill(work.name, bill)
    work.tally.tell("products looked up")
    return bill
