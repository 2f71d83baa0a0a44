"""Ways to break the product on purpose: each takes one safeguard away, as a slip in a later change might."""

from typing import NamedTuple

_LAYER = "layers/common/crossdock"
_STEPS = "functions"


class Mutation(NamedTuple):
    """A small patch: `old` stands once in the file, and `new` takes its place."""

    name: str
    file: str
    old: str
    new: str


MUTATIONS = (
    # --- intents and look-ups ---
    Mutation(
        "deliver again without looking up",
        f"{_STEPS}/deliver_orders/step.py",
        "        if found is not None:\n            _delivered(work, order, found",
        "        if False:\n            _delivered(work, order, found",
    ),
    Mutation(
        "deliver each try under a new reference",
        f"{_STEPS}/deliver_orders/step.py",
        "made = work.warehouse().create_order(order.reference, order.content)",
        'made = work.warehouse().create_order(f"{order.reference}-{order.version}", order.content)',
    ),
    Mutation(
        "no intent before a write",
        f"{_LAYER}/workflow.py",
        "    order = order.intending(action, work.now())\n    work.orders.save_order(order)\n    return order",
        "    return order",
    ),
    Mutation(
        "an unknown outcome is taken for a failed one",
        f"{_LAYER}/workflow.py",
        "not_applied = error.in_write and error.outcome is Outcome.NOT_APPLIED and first_try",
        "not_applied = True",
    ),
    Mutation(
        "a stage is written without looking what stands",
        f"{_STEPS}/confirm_shipments/stages.py",
        "        if self._stands is None:\n            return False\n        status = ",
        "        if self._stands is None or stage == 'pack':\n            return False\n        status = ",
    ),
    Mutation(
        "a fulfilment that others have is used again",
        f"{_STEPS}/confirm_shipments/binding.py",
        "if each.task_id not in bound and each.pick.open and not each.voided and _covers(each.pick_lines, wanted):",
        "if not each.voided and _covers(each.pick_lines, wanted):",
    ),
    Mutation(
        "an invoice that stands is not seen",
        f"{_STEPS}/create_invoices/step.py",
        "written = Written(seen.order, found) if found else _write(work, seen, due)",
        "written = _write(work, seen, due)",
    ),
    Mutation(
        "an invoice is repeated when its answer is lost",
        f"{_STEPS}/create_invoices/step.py",
        "            return Written(order, work.dear().create_invoice(draft), dates.told)\n",
        "            try:\n"
        "                return Written(order, work.dear().create_invoice(draft), dates.told)\n"
        "            except Exception:\n"
        "                return Written(order, work.dear().create_invoice(draft), dates.told)\n",
    ),
    Mutation(
        "every invoice takes the charges",
        f"{_STEPS}/create_invoices/step.py",
        "with_charges = not charged and not any(invoice.has_charges for invoice in seen.invoices)",
        "with_charges = True",
    ),
    # --- quantities and places ---
    Mutation(
        "confirm what was ordered, not what shipped",
        f"{_LAYER}/domain/stage_lines.py",
        "        quantity=packed.quantity,\n",
        "        quantity=packed.line.quantity,\n",
    ),
    Mutation(
        "a SKU that stands twice is sent once",
        f"{_LAYER}/wms/contract.py",
        "for field in LINE_FIELDS} for line in content.lines],",
        "for field in LINE_FIELDS} for line in {each.sku: each for each in content.lines}.values()],",
    ),
    Mutation(
        "discounts are forgotten on invoices",
        f"{_LAYER}/domain/invoicing.py",
        "        discount=part.figures.discount,\n",
        "        discount=Decimal(0),\n",
    ),
    Mutation(
        "every invoice is of the whole order",
        f"{_LAYER}/domain/invoicing.py",
        "    units = units_of(order, due.shipments, due.before)\n",
        "    units = {_place(line): line.quantity for line in order.sold.lines}\n",
    ),
    Mutation(
        "tracking numbers are left out",
        f"{_LAYER}/dear/writing.py",
        '            "TrackingNumber": line.tracking_number,\n',
        '            "TrackingNumber": line.tracking_number[:6] if line.tracking_number else None,\n',
    ),
    # --- shipments ---
    Mutation(
        "the revision of a shipment is ignored",
        f"{_LAYER}/recording.py",
        "    if kept and kept.shipment.revision >= shipment.revision:\n",
        "    if kept:\n",
    ),
    Mutation(
        "an older revision takes the place of a newer one",
        f"{_LAYER}/recording.py",
        "    if kept and kept.shipment.revision >= shipment.revision:\n",
        "    if kept and kept.shipment.revision == shipment.revision:\n",
    ),
    Mutation(
        "the withdrawal of a shipment is not heard",
        f"{_LAYER}/recording.py",
        "    if kept and kept.shipment.revision >= shipment.revision:\n",
        "    if kept and (kept.shipment.revision >= shipment.revision or shipment.kind == 'voided'):\n",
    ),
    Mutation(
        "a part counts as all",
        f"{_LAYER}/domain/parts.py",
        "        return self._order.stands is OrderStatus.SHIPPED\n",
        "        return True\n",
    ),
    Mutation(
        "a shipment of an unknown order is thrown away",
        f"{_LAYER}/recording.py",
        '        save("unknown_order", _unmatched(connection, kept, shipment, at), None)\n',
        "",
    ),
    Mutation(
        "the place in the list of shipments moves past what is not stored",
        f"{_LAYER}/collecting.py",
        "place = _further(place, page, work.now()) if stored else place",
        "place = work.now() + OVERLAP",
    ),
    # --- download ---
    Mutation(
        "the checkpoint is taken after the pass",
        f"{_STEPS}/download_orders/listing.py",
        'update={"since": started_at}) if sound else done',
        'update={"since": started_at and started_at + 2 * OVERLAP}) if sound else done',
    ),
    Mutation(
        "a row that could not be stored is passed over",
        f"{_STEPS}/download_orders/listing.py",
        "    failed.append(row)\n",
        "    return\n",
    ),
    Mutation(
        "a voided sale is shipped all the same",
        f"{_LAYER}/withdrawing.py",
        "    if stood in _GONE or",
        "    if True or",
    ),
    # --- the store ---
    Mutation(
        "writes name no version",
        f"{_LAYER}/store/conditions.py",
        'return Condition("#version = :version", {"version": version}) if version else IS_NEW',
        'return Condition("attribute_exists( #pk )") if version else IS_NEW',
    ),
    Mutation(
        "the lease is given to everybody",
        f"{_LAYER}/store/conditions.py",
        "attribute_not_exists( #holder ) OR #held_until <= :now OR",
        "attribute_not_exists( #holder ) OR #held_until <> :now OR",
    ),
    Mutation(
        "a call is used although another process has it",
        f"{_LAYER}/store/budget.py",
        "                    if self._grant(now):\n                        return\n",
        "                    self._grant(now)\n                    return\n",
    ),
    Mutation(
        "the budget forgets after half a minute",
        f"{_LAYER}/store/budget.py",
        "self._limit = Limit(calls, int(window_seconds * 1000), int(margin_seconds * 1000), burst)",
        "self._limit = Limit(calls, int(window_seconds * 100), int(margin_seconds * 1000), burst)",
    ),
    Mutation(
        "an older version drops what a newer one has written",
        f"{_LAYER}/domain/model.py",
        'extra="allow"',
        'extra="ignore"',
    ),
    Mutation(
        "an older version cannot read what a newer one has written",
        f"{_LAYER}/domain/model.py",
        'extra="allow"',
        'extra="forbid"',
    ),
    # --- stock ---
    Mutation(
        "a partial snapshot is written from",
        f"{_LAYER}/stocktaking/snapshot.py",
        "    if not snapshot.complete:\n",
        "    if False:\n",
    ),
    Mutation(
        "units in flight are not netted",
        f"{_LAYER}/stocktaking/flight.py",
        "    flights = Flights()\n    for order in _orders(",
        "    flights = Flights()\n    return flights\n    for order in _orders(",
    ),
    # --- boundaries and secrets ---
    Mutation(
        "one item's fault ends the run",
        f"{_LAYER}/workflow.py",
        "        except Exception as error:\n            self.work.log",
        "        except ZeroDivisionError as error:\n            self.work.log",
    ),
    Mutation(
        "after a restore nothing is taken up",
        f"{_STEPS}/download_orders/loading.py",
        "    if asked and take_up(work, entry, sale, existing, asked):\n        return\n",
        "",
    ),
    Mutation(
        "an item in trouble is forgotten",
        f"{_LAYER}/workflow.py",
        "    return order.backed_off(now, now + timedelta(seconds=wait), error.reason, intent=intent)",
        '    return order.settled(now, event="retry")',
    ),
    Mutation(
        "a log line names the customer",
        f"{_STEPS}/deliver_orders/step.py",
        '    work.tally.progress("delivered")\n',
        '    work.tally.progress("delivered")\n    work.log.info("delivered", to=order.content.ship_to.name)\n',
    ),
)
