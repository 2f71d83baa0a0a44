"""What a drill is played with: systems that die and come back, and accounts whose sales come late."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import requests

from sandbox.drill.account import SALES_OF_AN_ACCOUNT, Account, accounts_of
from sandbox.drill.systems import Systems, look
from sandbox.scenario import demo


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = Account("drill-1", Systems(tmp_path / "state", ("--scenario", "empty")), demo(12), Random(1))
    made.open()
    yield made
    made.systems.kill()


def numbers(account: Account) -> list[str]:
    return sorted(sale["Order"]["SaleOrderNumber"] for sale in look(account.systems.dear, "sales"))


def test_some_sales_come_late_and_all_come_once_also_when_dear_dies_meanwhile(account: Account):
    at_first = numbers(account)
    account.systems.kill()
    with pytest.raises(requests.RequestException):
        account.enter_the_rest()

    account.systems.start()
    account.enter_the_rest()

    assert len(at_first) < 12
    assert set(at_first) < set(numbers(account))
    assert numbers(account) == sorted(demo(12).expected)


def test_every_account_has_its_share_of_the_sales_and_none_is_in_two(tmp_path: Path):
    accounts = accounts_of(seed=1, sales=2 * SALES_OF_AN_ACCOUNT + 1, folder=tmp_path / "drill")

    shares = [set(each.scenario.expected) for each in accounts]

    assert [len(share) for share in shares] == [SALES_OF_AN_ACCOUNT, SALES_OF_AN_ACCOUNT, 1]
    assert len(set.union(*shares)) == 2 * SALES_OF_AN_ACCOUNT + 1
