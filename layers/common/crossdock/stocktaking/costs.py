"""What a unit of added stock costs, by the settings: DEAR values what is added at it."""

from collections.abc import Mapping
from decimal import Decimal

from crossdock.domain.inventory import AdjustmentLine, StockProduct
from crossdock.domain.settings import InventorySettings
from crossdock.stocktaking.catalogue import Catalogue


def with_costs(
    lines: tuple[AdjustmentLine, ...],
    settings: InventorySettings,
    catalogue: Catalogue,
    product_ids: Mapping[str, str],
) -> tuple[AdjustmentLine, ...]:
    """The lines, those that raise stock with the cost that `cost_from` names, told in their reason.

    Only products whose stock is raised are looked up. Where one has no such value, `unit_cost` counts.
    """
    if settings.cost_from == "unit_cost":
        return lines
    raised = {line.sku: product_ids.get(line.sku, "") for line in lines if line.change > 0}
    products = catalogue.look_up(raised)
    return tuple(_costed(line, settings, products.get(line.sku)) if line.sku in raised else line for line in lines)


def _costed(line: AdjustmentLine, settings: InventorySettings, product: StockProduct | None) -> AdjustmentLine:
    source = settings.cost_from.replace("_", " ")
    cost = product.cost(settings.cost_from) if product else Decimal(0)
    if cost <= 0:
        return line.model_copy(
            update={"why": f"{line.why}; DEAR has no {source}: unit_cost {settings.unit_cost} is used"}
        )
    return line.model_copy(update={"unit_cost": cost, "why": f"{line.why}; cost {cost.normalize():f}, DEAR's {source}"})
