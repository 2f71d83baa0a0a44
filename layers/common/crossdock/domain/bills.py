"""What DEAR knows of a product as far as kits go: its bill of materials, and whether DEAR assembles it by itself."""

from decimal import Decimal

from crossdock.domain.model import Record


class Component(Record):
    """So many of one product in one build (blueprint: Bill Of Material Product Model)."""

    product_id: str
    sku: str
    name: str
    quantity: Decimal
    weight: Decimal | None = None
    weight_unit: str | None = None


class Bill(Record):
    """A product with the components of one build, which makes `produces` units (blueprint: Product).

    `whole`: the components are stock to the end, and nothing more is looked up.
    """

    product_id: str
    sku: str
    name: str = ""
    auto_assembly: bool = False
    service: bool = False
    produces: Decimal = Decimal(1)
    components: tuple[Component, ...] = ()
    weight: Decimal | None = None
    weight_unit: str | None = None
    whole: bool = False

    @property
    def is_kit(self) -> bool:
        """Whether DEAR builds it when an order is authorised, and of what."""
        return self.auto_assembly and bool(self.components)
