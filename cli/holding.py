"""Stopping an order, or a sale, by hand, and letting one go on."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from cli.faults import REFUSED, Complaint
from cli.finding import find
from cli.looking import connections_named
from cli.screen import cell, plain, table
from cli.shapes import FoundSale, Turned
from cli.site import Site
from cli.tables import at, status_cell
from cli.wording import happens_next, sale_happens_next, why, why_sale
from crossdock.domain.edits import SALE_IN_TROUBLE
from crossdock.domain.errors import IllegalMove, LostRace
from crossdock.domain.ledger import SaleEntry
from crossdock.domain.model import Reason
from crossdock.domain.order import HELD_BY_PERSON, Order
from crossdock.domain.states import LEAVING, STOPS, Decision, OrderStatus
from crossdock.domain.verdicts import held_by_person

TRIES = 5
LONGEST_REASON = 200

_STOPPED = frozenset({Decision.HELD, Decision.ERROR})
_AT_THE_WAREHOUSE = frozenset({OrderStatus.AT_WMS, OrderStatus.PART_SHIPPED})
_PRIVATE = "Everybody who looks sees the reason: it must hold no name and no address."


class Target(NamedTuple):
    """What is to be held or released: an order, or, without a reference, a sale's entry in the ledger."""

    connection: str
    sale_id: str
    number: str
    reference: str | None
    stands: str
    code: str | None
    why: str


def hold(site: Site, number: str, connection: str | None, because: str, now: datetime) -> Turned:
    """Hold the one order, or sale without orders, that the number names. Raises Complaint where that cannot be."""
    text = _checked(because)
    target = _only(_to_hold(site, number, connection, now), number, "hold")
    if target.reference is None:
        reason = Reason(code=HELD_BY_PERSON, text=f"held by a person: {text}")
        return _turn_sale(site, target, now, lambda entry: entry.decided(Decision.HELD, now, reason), _PRIVATE)
    note = _PRIVATE
    if target.stands in _AT_THE_WAREHOUSE:
        note = (
            "The warehouse has the order and may ship it all the same: stop it there, too. What it ships is confirmed "
            f"in DEAR after the release. {_PRIVATE}"
        )
    return _turn_order(site, target, now, lambda order: order.held_by_person(text, now), note)


def release(site: Site, number: str, connection: str | None, now: datetime) -> Turned:
    """Let the one order, or sale, that the number names go on where it stood."""
    target = _only(_to_release(site, number, connection, now), number, "release")
    note = None if target.code == HELD_BY_PERSON else f"Where it is not mended, it stops again: {target.why}"
    if target.reference is None:
        reason = Reason(code="released", text="released by a person; it is to be read again")
        return _turn_sale(site, target, now, lambda entry: entry.decided(Decision.PENDING, now, reason), note)
    turned = _turn_order(site, target, now, lambda order: order.released(now), note)
    if turned.after in LEAVING:
        _read_again(site, target, now)
    return turned


def _read_again(site: Site, target: Target, now: datetime) -> None:
    """Its sale may ask for the goods of an order that is given up: a new one is then made for them."""
    reason = Reason(code="released", text="an order of it was released that is given up; it is to be read again")
    for _ in range(TRIES):
        entry = site.orders.sale(target.connection, target.sale_id)
        if entry is None or entry.decision is Decision.VOIDED or held_by_person(entry):
            return
        try:
            site.orders.save_sale(entry.decided(Decision.PENDING, now, reason))
        except LostRace:
            continue
        return


def _checked(because: str) -> str:
    text = because.strip()
    if not text or len(text) > LONGEST_REASON or not text.isprintable():
        raise Complaint(
            "--reason needs a sentence.", f"1 to {LONGEST_REASON} letters on one line, without names and addresses."
        )
    return text


# --- which one -----------------------------------------------------------------------------------------------


def _to_hold(site: Site, number: str, connection: str | None, now: datetime) -> list[Target]:
    found = _found(site, number, connection, now)
    orders = [each for sale in found for each in _orders(sale) if each.stands not in LEAVING]
    sales = [each for sale in found if not any(_live(sale)) for each in _sale(sale)]
    able = [each for each in orders if each.stands != OrderStatus.INVOICED and each.code != HELD_BY_PERSON]
    able += [each for each in sales if each.stands != Decision.VOIDED and each.code != HELD_BY_PERSON]
    return able or _refuse((*orders, *sales), number, "cannot be held")


def _to_release(site: Site, number: str, connection: str | None, now: datetime) -> list[Target]:
    found = _found(site, number, connection, now)
    able: list[Target] = []
    for sale in found:
        stopped = [each for each in _sale(sale) if each.stands in _STOPPED]
        # Such an order waits for its sale, which is read again.
        by_sale = SALE_IN_TROUBLE if stopped else None
        able += [each for each in _orders(sale) if each.stands in STOPS and each.code != by_sale] or stopped
    every = [each for sale in found for each in _orders(sale) or _sale(sale)]
    return able or _refuse(every, number, "is not held")


def _found(site: Site, number: str, connection: str | None, now: datetime) -> list[FoundSale]:
    connections_named(site, connection)
    found = [each for each in find(site, number, now).found if connection in {None, each.connection}]
    if not found:
        raise Complaint(f"Nothing is known of {number!r} in {connection}.")
    return found


def _live(found: FoundSale) -> Iterable[Target]:
    return (each for each in _orders(found) if each.stands not in LEAVING)


def _orders(found: FoundSale) -> list[Target]:
    return [
        Target(
            found.connection, each.mappings.sale_id, each.order_number, each.mappings.reference, each.status,
            each.reason_code, each.why,
        )
        for each in found.orders
    ]  # fmt: skip


def _sale(found: FoundSale) -> list[Target]:
    sale = found.sale
    if sale is None:
        return []
    return [Target(found.connection, sale.sale_id, sale.order_number, None, sale.decision, sale.reason_code, sale.why)]


def _only(targets: list[Target], number: str, verb: str) -> Target:
    if len(targets) == 1:
        return targets[0]
    several = "; ".join(f"{each.reference or each.number} of {each.connection}, {each.stands}" for each in targets)
    raise Complaint(
        f"{number} names several: {several}.",
        f"Say which to {verb}: by the reference or the fulfilment number, or with --connection.",
    )


def _refuse(targets: Iterable[Target], number: str, what: str) -> list[Target]:
    stands = "; ".join(f"{each.reference or each.number} is {each.stands}: {each.why}" for each in targets)
    raise Complaint(f"{number} {what}.", f"{stands}.")


# --- the turn ------------------------------------------------------------------------------------------------


def _turn_order(site: Site, target: Target, now: datetime, act: Callable[[Order], Order], note: str | None) -> Turned:
    def turn() -> Turned | None:
        order = site.orders.order(target.connection, str(target.reference))
        if order is None:
            return None
        after = act(order)
        site.orders.save_order(after)
        return Turned(
            connection=target.connection,
            order_number=target.number,
            sale_id=target.sale_id,
            reference=after.reference,
            before=order.status,
            after=after.status,
            reason_code=after.reason.code if after.reason else None,
            why=why(after, now),
            happens_next=happens_next(after),
            due_at=after.due_at,
            note=note,
        )

    return _repeated(turn, target)


def _turn_sale(
    site: Site, target: Target, now: datetime, act: Callable[[SaleEntry], SaleEntry], note: str | None
) -> Turned:
    def turn() -> Turned | None:
        entry = site.orders.sale(target.connection, target.sale_id)
        if entry is None or entry.decision != target.stands:
            return None
        after = act(entry)
        site.orders.save_sale(after)
        return Turned(
            connection=target.connection,
            order_number=target.number,
            sale_id=target.sale_id,
            reference=None,
            before=entry.decision,
            after=after.decision,
            reason_code=after.reason.code if after.reason else None,
            why=why_sale(after, now),
            happens_next=sale_happens_next(after),
            due_at=after.due_at,
            note=note,
        )

    return _repeated(turn, target)


def _repeated(turn: Callable[[], Turned | None], target: Target) -> Turned:
    """A step may change the record between our read and our write: then it is read again."""
    number = target.reference or target.number
    for _ in range(TRIES):
        try:
            turned = turn()
        except LostRace:
            continue
        except IllegalMove as refused:
            raise Complaint(f"{number} has moved on: {refused}.", "Look at it: crossdock order", code=REFUSED) from None
        if turned is not None:
            return turned
        break
    raise Complaint(f"{number} is being changed by a step.", "Nothing was done; run the command again.", code=REFUSED)


def turned_block(turned: Turned, now: datetime) -> RenderableType:
    """What was, what is, and what comes of it."""
    what = "Order" if turned.reference else "Sale"
    head = Text.assemble(
        (plain(f"{what} {turned.reference or turned.order_number}"), "bold"), f" of {turned.connection}: ",
        status_cell(turned.before), " → ", status_cell(turned.after),
    )  # fmt: skip
    facts = table("", "", wide="")
    facts.show_header = False
    when = f", {at(turned.due_at, now)}" if turned.due_at else ""
    for name, value in (("Why", turned.why), ("Next", turned.happens_next + when), ("Mind", turned.note)):
        if value:
            facts.add_row(cell(f"  {name}", "dim"), cell(value))
    return Group(head, facts)
