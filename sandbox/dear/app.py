"""The application: DEAR's API below its base path, the control plane beside it, faults and call log around it."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Rule

from sandbox.clock import Clock
from sandbox.control import CallLog
from sandbox.dear import adjustments, fulfilments, invoices, packs, picks, products, reference, sales, ships, stock
from sandbox.dear.control import dear_control
from sandbox.dear.errors import DearError, Unparsable
from sandbox.dear.sale_list import get_sale_list
from sandbox.dear.tenant import PREFIX, Doc, Handler, Settings, Tenant
from sandbox.dear.throttle import admit
from sandbox.documents import Documents
from sandbox.faults import CALL_KEY, CONTROL_ROOT, Faults

_READS: dict[str, Handler] = {
    "/me": reference.get_me,
    "/ref/location": reference.get_locations,
    "/ref/account": reference.get_accounts,
    "/ref/tax": reference.get_taxes,
    "/ref/carrier": reference.get_carriers,
    "/ref/paymentterm": reference.get_payment_terms,
    "/ref/attributeset": reference.get_attribute_sets,
    "/ref/pricetier": reference.get_price_tiers,
    "/ref/productavailability": stock.get_availability,
    "/product": products.get_products,
    "/salelist": get_sale_list,
    "/sale": sales.get_sale,
    "/sale/fulfilment": fulfilments.get_fulfilments,
    "/sale/fulfilment/pick": picks.get_pick,
    "/sale/fulfilment/pack": packs.get_pack,
    "/sale/fulfilment/ship": ships.get_ship,
    "/sale/invoice": invoices.get_invoices,
    "/stockadjustmentlist": adjustments.get_adjustment_list,
    "/stockadjustment": adjustments.get_adjustment,
}
_WRITES: dict[tuple[str, str], Handler] = {
    ("POST", "/sale/fulfilment"): fulfilments.post_fulfilment,
    ("POST", "/sale/fulfilment/pick"): picks.write_pick,
    ("PUT", "/sale/fulfilment/pick"): picks.write_pick,
    ("POST", "/sale/fulfilment/pack"): packs.post_pack,
    ("PUT", "/sale/fulfilment/pack"): packs.put_pack,
    ("POST", "/sale/fulfilment/ship"): ships.post_ship,
    ("PUT", "/sale/fulfilment/ship"): ships.put_ship,
    ("POST", "/sale/invoice"): invoices.post_invoice,
    ("PUT", "/sale/invoice"): invoices.put_invoice,
    ("POST", "/stockadjustment"): adjustments.post_adjustment,
    ("PUT", "/stockadjustment"): adjustments.put_adjustment,
}
_DELETES: dict[str, Handler] = {
    "/sale": sales.delete_sale,
    "/sale/fulfilment": fulfilments.delete_fulfilment,
    "/sale/invoice": invoices.delete_invoice,
}
_NOT_FOUND_PAGE = (
    "<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>"
)


class _AnyCasing:
    """WSGI middleware that lets paths of the API match in whatever casing, with or without a final slash."""

    def __init__(self, app: WSGIApplication, base_path: str) -> None:
        self._app = app
        self._base = base_path.lower()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.lower().startswith(self._base):
            environ = {**environ, "PATH_INFO": path.lower().rstrip("/")}
        return self._app(environ, start_response)


class DearSandbox(Flask):
    """The Flask application; called, it answers through the call log and the faults."""

    def __init__(self, tenant: Tenant, base_path: str) -> None:
        super().__init__("sandbox.dear", static_folder=None)
        self.tenant = tenant
        self.json.sort_keys = False  # type: ignore[attr-defined]
        self.url_map.merge_slashes = False
        self.url_map.redirect_defaults = False
        inner = _AnyCasing(self.wsgi_app, base_path)
        faulty = Faults(inner, tenant.documents, PREFIX, clock=tenant.clock)
        self.wsgi_app = CallLog(faulty, tenant.documents, tenant.clock, PREFIX)  # type: ignore[method-assign]


def create_app(
    documents: Documents,
    clock: Clock,
    *,
    account_id: str,
    api_key: str,
    calls_per_minute: int | None = 60,
    base_path: str = "/ExternalApi/v2",
) -> DearSandbox:
    """Make the sandbox of one account over the given documents, which may hold its past.

    `calls_per_minute` null means no limit. What `POST /_control/settings` changed wins over the arguments.
    """
    defaults = Settings(account_id=account_id, api_key=api_key, calls_per_minute=calls_per_minute)
    tenant = Tenant(documents, clock, defaults)
    app = DearSandbox(tenant, base_path)
    app.register_blueprint(dear_control(tenant))
    base = base_path.lower().rstrip("/")
    for path, handler in _READS.items():
        _add(app, "GET", base + path, handler, _query)
    for path, handler in _DELETES.items():
        _add(app, "DELETE", base + path, handler, _query)
    for (method, path), handler in _WRITES.items():
        _add(app, method, base + path, handler, _body)
    app.before_request(_gate(tenant))
    app.register_error_handler(DearError, lambda error: _refusal(tenant, error))
    app.register_error_handler(NotFound, lambda _error: _page_not_found())
    app.register_error_handler(MethodNotAllowed, lambda _error: _refusal(tenant, _wrong_method()))
    return app


def _add(app: DearSandbox, method: str, path: str, handler: Handler, read: Callable[[], Doc]) -> None:
    """Route a call to its handler, which runs in one transaction: the answer leaves after the commit."""

    def view() -> Response:
        asked = read()
        with app.tenant.transaction():
            return jsonify(handler(app.tenant, asked))

    endpoint = f"{method} {path}"
    app.url_map.add(Rule(path, endpoint=endpoint, methods=[method], strict_slashes=False))
    app.view_functions[endpoint] = view


def _gate(tenant: Tenant) -> Callable[[], Response | None]:
    """Check the credentials, then the call limit, of every call to a path that exists."""

    def gate() -> Response | None:
        if request.path.lower().startswith(CONTROL_ROOT) or isinstance(request.routing_exception, NotFound):
            return None
        settings = tenant.settings()
        given = (request.headers.get("api-auth-accountid", ""), request.headers.get("api-auth-applicationkey", ""))
        if tuple(part.lower() for part in given) != (settings.account_id.lower(), settings.api_key.lower()):
            return Response("Incorrect credentials!", status=403, content_type="text/plain; charset=utf-8")
        refused = admit(tenant)
        if refused is not None:
            request.environ.get(CALL_KEY, {})["throttled"] = True
        return refused

    return gate


def _query() -> Doc:
    return {name.lower(): value for name, value in request.args.items()}


def _body() -> Doc:
    body: Any = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Unparsable("The request body could not be parsed")
    return body


def _refusal(tenant: Tenant, error: DearError) -> tuple[Response, int]:
    return jsonify(error.body(tenant.settings().error_shape)), error.status


def _wrong_method() -> DearError:
    return DearError(f"The requested resource does not support http method '{request.method}'.", status=405)


def _page_not_found() -> Response:
    return Response(_NOT_FOUND_PAGE, status=200, content_type="text/html; charset=utf-8")
