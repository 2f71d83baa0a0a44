"""From DEAR's address to the warehouse's: checked, and refused where only a person can mend it."""

from crossdock.domain.errors import NeedsPerson
from crossdock.domain.order import PostalAddress
from crossdock.domain.sale import Address, Sale
from crossdock.domain.settings import Settings


def check_address(address: Address) -> None:
    missing = [part for part in ("line1", "country") if not getattr(address, part)]
    if missing:
        shown = "; its display lines are filled" if any(address.display) else ""
        raise NeedsPerson(
            "address_incomplete",
            f"the shipping address has no {' and no '.join(missing)}{shown}: "
            "correct the address on the customer in DEAR, then select it on the order",
        )


def postal_address(sale: Sale, address: Address, settings: Settings) -> PostalAddress:
    name = address.contact or sale.contact or sale.customer
    first, _, last = (name or "").rpartition(" ") if settings.split_names else ("", "", "")
    return PostalAddress(
        name=name,
        first_name=first or None,
        last_name=last or None,
        company=address.company,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        region=address.state,
        postcode=address.postcode,
        country=address.country,
        phone=sale.phone,
        email=sale.email,
    )
