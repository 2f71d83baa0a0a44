"""DEAR's part of the control plane: seeds, the user's actions on sales, stock and settings."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import TypeAdapter, ValidationError

from sandbox.control import control_blueprint
from sandbox.dear import dates, stock, user
from sandbox.dear.errors import DearError
from sandbox.dear.money import decimal
from sandbox.dear.products import make_product
from sandbox.dear.reference_seeds import seed_reference
from sandbox.dear.registers import default_location, place, product_by_sku
from sandbox.dear.sale_seeds import make_sale
from sandbox.dear.specs import SeedSpec, StockSpec
from sandbox.dear.tenant import PREFIX, Doc, Tenant, public

_STOCK = TypeAdapter(list[StockSpec])


def dear_control(tenant: Tenant) -> Blueprint:
    """Make the shared control routes with DEAR's own beside them."""
    plane = control_blueprint(tenant.documents, tenant.clock, PREFIX)
    routes: tuple[tuple[str, str, Callable[..., Any]], ...] = (
        ("POST", "/seed", lambda: _seed(tenant, _body())),
        ("POST", "/stock", lambda: _set_stock(tenant, _body())),
        ("GET", "/stock", lambda: {"stock": _stock(tenant)}),
        ("POST", "/settings", lambda: tenant.change_settings(_body()).model_dump()),
        ("GET", "/settings", lambda: tenant.settings().model_dump()),
        ("GET", "/sales", lambda: {"sales": [public(sale) for sale in tenant.documents.all("sale")]}),
        ("GET", "/customers", lambda: {"customers": tenant.documents.all("customer")}),
        ("GET", "/sales/<order_number>", lambda order_number: public(user.find(tenant, order_number))),
        ("POST", "/sales/<order_number>/<action>", lambda order_number, action: _act(tenant, order_number, action)),
    )
    for method, rule, view in routes:
        plane.add_url_rule(rule, f"{method} {rule}", _guarded(tenant, view), methods=[method])
    return plane


def seed(tenant: Tenant, spec: SeedSpec) -> list[Doc]:
    """Add a whole seed and give the sales that it made."""
    seed_reference(tenant, spec)
    for product in spec.products:
        make_product(tenant, product)
    for row in spec.stock:
        _put_stock(tenant, row)
    return [make_sale(tenant, sale) for sale in spec.sales]


def _guarded(tenant: Tenant, view: Callable[..., Any]) -> Callable[..., Any]:
    """Run a route in one transaction; what is wrong with a request is told as `{"error": ...}`."""

    def guarded(**names: str) -> tuple[Response, int]:
        try:
            with tenant.transaction():
                return jsonify(view(**names)), 200
        except ValidationError as error:
            return jsonify({"error": str(error)}), 400
        except DearError as error:
            return jsonify({"error": error.text}), error.status

    return guarded


def _body() -> Any:
    return request.get_json(silent=True) if request.data else {}


def _seed(tenant: Tenant, body: Any) -> Doc:
    sales = seed(tenant, SeedSpec.model_validate(body))
    summary = ("Status", "Type", "LastModifiedOn")
    return {
        "sales": [
            {
                "sale_id": sale["ID"],
                "order_number": sale["Order"]["SaleOrderNumber"],
                **{name.lower(): sale[name] for name in summary},
            }
            for sale in sales
        ]
    }


def _set_stock(tenant: Tenant, body: Any) -> Doc:
    for row in _STOCK.validate_python(body if isinstance(body, list) else [body]):
        _put_stock(tenant, row)
        tenant.record("stock", "user", row.model_dump(), sku=row.sku)
    return {"stock": _stock(tenant)}


def _put_stock(tenant: Tenant, spec: StockSpec) -> None:
    product = product_by_sku(tenant, spec.sku)
    location = spec.location or default_location(tenant)
    where = place(tenant, location if spec.bin is None else f"{location}: {spec.bin}")
    stock.set_on_hand(
        tenant,
        product,
        where,
        decimal(spec.on_hand, "on_hand"),
        batch=spec.batch,
        expiry=dates.optional_date(spec.expiry, "expiry"),
        unit_cost=None if spec.cost is None else decimal(spec.cost, "cost"),
    )
    if spec.on_order or spec.in_transit:
        inbound = spec.model_dump(include={"on_order", "in_transit"})
        inbound["next_delivery"] = dates.optional_date(spec.next_delivery, "next_delivery")
        stock.set_inbound(tenant, product, where, inbound)


def _stock(tenant: Tenant) -> list[Doc]:
    rows: list[Doc] = stock.get_availability(tenant, {"limit": 1000})["ProductAvailabilityList"]
    return rows


def _act(tenant: Tenant, order_number: str, action: str) -> Doc:
    if action not in user.ACTIONS:
        raise DearError(f"There is no action {action}: {', '.join(user.ACTIONS)}", status=404)
    user.ACTIONS[action](tenant, user.find(tenant, order_number), _body())
    shown: Doc = public(user.find(tenant, order_number))
    return shown
