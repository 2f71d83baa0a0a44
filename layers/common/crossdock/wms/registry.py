"""Which warehouse systems Crossdock speaks to: one module each, named like its adapter in the settings."""

from collections.abc import Callable

import requests

from crossdock.domain.settings import WarehouseSettings
from crossdock.ports import Warehouse
from crossdock.wms.credentials import Refresh, WarehouseCredentials
from crossdock.wms.http import open_http

__all__ = ["ADAPTERS", "WarehouseCredentials", "open_warehouse"]

type Opener = Callable[[WarehouseSettings, WarehouseCredentials, requests.Session | None, Refresh | None], Warehouse]

ADAPTERS: dict[str, Opener] = {"http": open_http}


def open_warehouse(
    settings: WarehouseSettings,
    credentials: WarehouseCredentials,
    *,
    session: requests.Session | None = None,
    refresh: Refresh | None = None,
) -> Warehouse:
    """The warehouse of a connection. `session` is the seam for tests and for a caller that keeps connections.

    `refresh` is asked for the credentials as they are now when the warehouse refuses them.
    """
    return ADAPTERS[settings.adapter](settings, credentials, session, refresh)
