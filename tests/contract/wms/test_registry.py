"""The registry knows every adapter that the settings allow, and no other."""

from importlib import import_module
from typing import get_args

from crossdock.domain.settings import WarehouseSettings
from crossdock.wms.credentials import WarehouseCredentials
from crossdock.wms.http import HttpWarehouse
from crossdock.wms.registry import ADAPTERS, open_warehouse


def test_the_registry_and_the_settings_name_the_same_adapters() -> None:
    allowed = get_args(WarehouseSettings.model_fields["adapter"].annotation)

    assert set(ADAPTERS) == set(allowed)


def test_every_adapter_has_a_module_of_its_name() -> None:
    modules = {name: import_module(f"crossdock.wms.{name}") for name in ADAPTERS}

    assert all(ADAPTERS[name].__module__ == module.__name__ for name, module in modules.items())


def test_the_settings_decide_which_warehouse_opens() -> None:
    warehouse = open_warehouse(WarehouseSettings(base_url="https://wms.example.com"), WarehouseCredentials(token="t"))

    assert isinstance(warehouse, HttpWarehouse)
