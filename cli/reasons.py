"""What each reason code of a sale means, in people's words: for many sales at once, and what mends it."""

from typing import NamedTuple


class Words(NamedTuple):
    """`why` goes for every sale with the reason; `mend` says what a person can do, or that there is nothing to do."""

    why: str
    mend: str


_NOTHING = "nothing to do"
_SETTINGS = "if such sales are to load, change {}"
_ADDRESS = "correct the address on the customer in DEAR, then select it on the order"

REASONS: dict[str, Words] = {
    # What the list alone tells.
    "service_sale": Words("it is a service sale: there is nothing to ship", _NOTHING),
    "already_shipped": Words("DEAR says that it is shipped", _NOTHING),
    "voided": Words("it was voided in DEAR", _NOTHING),
    "status": Words("its status is not one that the settings name", _SETTINGS.format("settings.sale_statuses")),
    "too_old": Words("it was ordered before the earliest day", _SETTINGS.format("settings.earliest_order_date")),
    "location": Words("its location is not served", _SETTINGS.format("settings.locations")),
    # What the sale itself tells.
    "not_authorised": Words("its order is not authorised", "authorise the order in DEAR"),
    "nothing_to_ship": Words("it has no line that a warehouse could ship", _NOTHING),
    "no_open_fulfilment": Words(
        "units are left, but it has no open fulfilment for them", "add a fulfilment to the sale in DEAR"
    ),
    "attribute_filter": Words("its additional attributes do not match", _SETTINGS.format("settings.attribute_filters")),
    "order_filter": Words("an order filter keeps it out", _SETTINGS.format("settings.order_filters")),
    "item_filter": Words("the item filters keep it out", _SETTINGS.format("settings.item_filters")),
    "unmapped_ship_method": Words(
        "its ship method has no warehouse code", "add the ship method under settings.ship_methods"
    ),
    "no_sku": Words("a line has a product without a SKU, or a SKU without one", "give the product a SKU in DEAR"),
    "sale_type_unknown": Words("it is of a type that Crossdock does not know", "report it: Crossdock has to learn it"),
    "picked_more_than_ordered": Words("DEAR picked more than was ordered", "correct the pick, or the order, in DEAR"),
    "address_incomplete": Words("a part of the shipping address is missing", _ADDRESS),
    "address_ambiguous": Words("only display lines are filled, and can be read in more than one way", _ADDRESS),
    "address_disagrees": Words("the parts of the shipping address and its display lines disagree", _ADDRESS),
    "address_too_long": Words("a part of the shipping address is too long for the warehouse", _ADDRESS),
    "kit_bill_cycle": Words("a kit's bill of materials contains itself", "correct the bill of materials in DEAR"),
    "kit_not_divisible": Words(
        "a kit's bill of materials does not divide into whole units", "correct the bill of materials in DEAR"
    ),
    "empty_order": Words(
        "DEAR shows it without its order, as it does of some old sales",
        "make a new sale of it in DEAR, if it is to ship",
    ),
    "fulfilments_alike": Words("two of its fulfilments look the same", "look at the sale's fulfilments in DEAR"),
    "order_too_large": Words("it has more orders than are taken at once", "divide the sale in DEAR"),
    "too_large": Words("it is too large to be stored", "divide the sale in DEAR"),
    # What only time brings.
    "changed": Words("it changed in DEAR and is to be read again", _NOTHING),
    "recovering": Words(
        "the tables were put back, and the warehouse is asked for an order of it", "nothing: it goes on by itself"
    ),
    "taken_up": Words(
        "its orders were taken up from the warehouse after a restore, and it is read again", "nothing: it is read again"
    ),
    "backordered": Words("it is on backorder again", "nothing: it loads when the goods are in"),
    "undone": Words("its order was undone in DEAR", "authorise the order in DEAR"),
    "withdrawing": Words("the warehouse has not given up the order that had its goods", "nothing: it is tried again"),
    "split_after_delivery": Words(
        "with the orders that stand, more would be sent than was ordered", "cancel what is not to be sent"
    ),
    "taken_up_in_part": Words(
        "what the warehouse has of it since before a restore is not known, and is held",
        "settle that order, then release",
    ),
    "key_taken": Words("another sale has its reference", "`crossdock order NUMBER` shows both"),
    "held_by_person": Words("a person holds it", "`crossdock release NUMBER` lets it go on"),
    # What another system said, or did not say.
    "refused": Words("DEAR refused the call", "read the reason; mend what it names in DEAR"),
    "not_found": Words("DEAR does not know it any more", "look for it in DEAR: it may have been deleted"),
    "conflict": Words("DEAR says that it is so already", "look at it in DEAR"),
    "unreachable": Words("no connection to DEAR could be made", "nothing: it is tried again"),
    "outcome_unknown": Words("DEAR gave no answer that can be used", "nothing: it is tried again"),
    "unreadable_answer": Words("DEAR's answer could not be read", "look at the sale in DEAR; it is tried again"),
    "unauthorised": Words("DEAR refused the key", "connect with a key that DEAR takes"),
    "bills_unfinished": Words("not all of its kits are looked up yet", "nothing: it is tried again"),
    "lost_race": Words("it was changed by others all the while", "nothing: it is tried again"),
    "throttled": Words("DEAR asked to slow down", "nothing: it is tried again"),
}


def words_of(code: str, told: str) -> Words:
    """The words for a code. One that is not known here speaks by `told`, the reason of one of its sales."""
    return REASONS.get(code) or Words(told, "what the reason names")
