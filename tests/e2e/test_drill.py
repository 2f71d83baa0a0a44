"""A small fault drill on the deployed stack: `make drill` is the large one."""

from random import Random

import pytest

from sandbox.drill.account import Account, connected
from sandbox.drill.peace import settle
from sandbox.drill.storm import Happened, Storm
from sandbox.drill.systems import Systems
from sandbox.drill.verdict import judged
from sandbox.scenario import demo
from tests.e2e.conftest import Deployed

pytestmark = pytest.mark.e2e

SALES, KILLS, AT_MOST = 12, 4, 60.0


def test_functions_and_systems_are_killed_at_random_and_every_promise_is_kept(deployed: Deployed, tmp_path):
    systems = Systems(tmp_path / "drill", ("--scenario", "empty"))
    account = Account("drill", systems, demo(SALES), Random("1/people"))
    happened = Happened()
    try:
        account.open()
        with deployed.environment():
            sites = connected(deployed.cloud, [account])
            Storm("1", deployed.cloud, sites, [account], happened).rage(KILLS, 0, AT_MOST, lambda: None)
            left = settle(sites, [account], lambda: None)
            books = {account.name: account.evidence.books(sites[account.name], deployed.cloud.ministack.log)}
    finally:
        systems.kill()

    assert judged(books, left, deployed.cloud).wrong == []
    assert happened.killed.total() >= KILLS
    assert happened.copies.total() > 0
