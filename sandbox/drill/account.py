"""A DEAR account, its warehouse, the connection between them, and the people who work in both."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from cli.aws import open_site
from cli.site import Site
from crossdock.runtime.clock import SystemClock
from sandbox.__main__ import Credentials, connection_file
from sandbox.cloud.errors import CloudError
from sandbox.cloud.local import LocalCloud
from sandbox.cloud.places import ROOT
from sandbox.drill.systems import Systems, look, tell
from sandbox.merchant import KIT
from sandbox.run.books import Evidence
from sandbox.scenario import Scenario, connection, demo

type Json = dict[str, Any]

SALES_OF_AN_ACCOUNT = 25
"""DEAR takes 60 calls a minute for an account: with so many sales each, the accounts are done in three minutes."""
AT_FIRST = 0.6
"""The share of the sales that stand in DEAR before the first step runs, at least."""
_ACTIONS = {"touch": 4, "edit": 3, "void": 1}


@dataclass
class Account:
    """One connection and everything outside of it. `random` decides what its people do."""

    name: str
    systems: Systems
    scenario: Scenario
    random: Random
    _later: list[Json] = field(default_factory=list)

    @property
    def evidence(self) -> Evidence:
        credentials = Credentials.of(self.systems.state)
        return Evidence(self.name, self.systems.dear, self.systems.warehouse, self.scenario, credentials)

    def open(self) -> None:
        """Start both systems, with stock, and with the sales that are there from the beginning."""
        self.systems.start()
        seed = self.scenario.dear_seed
        late = [sale for sale in seed["sales"] if _may_come_late(sale)]
        self._later = self.random.sample(late, min(len(late), int(len(seed["sales"]) * (1 - AT_FIRST))))
        tell(self.systems.dear, "seed", {**seed, "sales": [each for each in seed["sales"] if each not in self._later]})
        tell(self.systems.warehouse, "stock", {"stock": self.scenario.warehouse_stock})
        tell(self.systems.warehouse, "settings", self.scenario.warehouse_settings)

    def connect(self, cloud: LocalCloud, api_url: str) -> None:
        """What an operator does; and the warehouse learns where to push."""
        table = {**connection(self.systems.dear_api, self.systems.warehouse), "name": self.name}
        file = self.systems.state / "connection.toml"
        file.write_text(connection_file(table))
        crossdock(cloud, "connect", str(file), "--no-input", **self.systems.credentials)
        secret = self.systems.credentials["CROSSDOCK_WEBHOOK_SECRET"]
        push = {"url": f"{api_url}/v1/connections/{self.name}", "secret": secret}
        tell(self.systems.warehouse, "settings", {"push": push})

    # --- people ---

    def work(self) -> None:
        """A moment in the life of both systems' people. Raises `requests.RequestException` when one is down."""
        self._enter_one()
        act = self.random.choice(
            (self._use_dear, self._ship_a_part, self._ship_some, self._ship_some, self._push_again)
        )
        act()

    def enter_the_rest(self) -> None:
        while self._later:
            self._enter_one()

    def ship_everything(self) -> int:
        """Ship all that is open, some orders at a time; how many that were."""
        shipped = 0
        while done := tell(self.systems.warehouse, "work", {"push_share": "0.5", "limit": 5})["shipped"]:
            shipped += len(done)
        return shipped

    def _enter_one(self) -> None:
        """Enter a sale, unless that was done before DEAR went down."""
        if self._later:
            entered = {sale["Order"]["SaleOrderNumber"] for sale in look(self.systems.dear, "sales")}
            if self._later[-1]["order_number"] not in entered:
                tell(self.systems.dear, "seed", {"sales": [self._later[-1]]})
            self._later.pop()

    def _use_dear(self) -> None:
        sale = self.random.choice(look(self.systems.dear, "sales"))
        action = self.random.choices(list(_ACTIONS), list(_ACTIONS.values()))[0]
        body = self._edit(sale) if action == "edit" else {}
        tell(self.systems.dear, f"sales/{sale['Order']['SaleOrderNumber']}/{action}", body)

    def _edit(self, sale: Json) -> Json:
        lines = [
            {
                "sku": line["SKU"], "quantity": line["Quantity"], "price": line["Price"], "discount": line["Discount"],
                "comment": line["Comment"], "tax_rule": line["TaxRule"],
            }
            for line in sale["Order"]["Lines"]
        ]  # fmt: skip
        if lines and self.random.random() < 0.5:  # noqa: PLR2004 - as often as not
            lines[0]["quantity"] += 1
            return {"lines": lines}
        return self.random.choice(
            ({"carrier": "Express Courier"}, {"note": "Changed."}, {"customer_reference": "PO 9"})
        )

    def _ship_some(self) -> None:
        tell(self.systems.warehouse, "work", {"push_share": "0.5", "limit": self.random.randint(2, 8)})

    def _ship_a_part(self) -> None:
        """One unit of an open order; the rest follows."""
        open_ids = {each["id"] for each in look(self.systems.warehouse, "orders") if each["status"] == "open"}
        wanted = [
            entry
            for entry in look(self.systems.warehouse, "ledger")
            if entry["kind"] == "order_created" and entry["order_id"] in open_ids and _units(entry) > 1
        ]
        if wanted:
            order = self.random.choice(wanted)
            line = order["body"]["lines"][0]
            one = min(Decimal(line["quantity"]), Decimal(1))
            parcel = {"lines": [{"line_id": line["line_id"], "quantity": f"{one:f}"}]}
            body = {"parcels": [parcel], "final": False, "push": True}
            tell(self.systems.warehouse, f"orders/{order['reference']}/ship", body)

    def _push_again(self) -> None:
        """A push that the product has had already, word for word."""
        if pushes := look(self.systems.warehouse, "pushes"):
            tell(self.systems.warehouse, "push", {"webhook_id": self.random.choice(pushes)["webhook_id"]})


def accounts_of(seed: int, sales: int, folder: Path) -> list[Account]:
    """As many accounts as the sales need, each with its share of them."""
    shutil.rmtree(folder, ignore_errors=True)
    made = []
    for first in range(0, sales, SALES_OF_AN_ACCOUNT):
        name = f"drill-{first // SALES_OF_AN_ACCOUNT + 1}"
        scenario = demo(min(SALES_OF_AN_ACCOUNT, sales - first), first)
        systems = Systems(folder / name, ("--scenario", "empty"))
        made.append(Account(name, systems, scenario, Random(f"{seed}/{name}/people")))
    return made


def connected(cloud: LocalCloud, accounts: list[Account]) -> dict[str, Site]:
    """Connect each account as an operator would; each gets a way of its own to the stack, as threads share none."""
    api_url = cloud.api_url(cloud.outputs())
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda account: account.connect(cloud, api_url), accounts))
    return {account.name: open_site(cloud.name, os.environ, SystemClock()) for account in accounts}


def crossdock(cloud: LocalCloud, *arguments: str, **environment: str) -> str:
    """The command line on this cloud; what it prints."""
    done = subprocess.run(  # noqa: S603 - the command is this project's own
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=ROOT,
        env={**cloud.child_environment(), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CloudError(f"`crossdock {arguments[0]}` failed.\n{done.stdout}{done.stderr}", "Mend what it names.")
    return done.stdout


def _units(order: Json) -> Decimal:
    return sum((Decimal(line["quantity"]) for line in order["body"]["lines"]), Decimal(0))


def _may_come_late(sale: Json) -> bool:
    """What DEAR has picked or built into kits stands in the stock that both sides begin with."""
    return not sale.get("fulfilments") and all(line["sku"] != KIT for line in sale["lines"])
