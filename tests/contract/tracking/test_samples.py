"""The samples for warehouse developers: each signs and pushes a shipment that the function takes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.domain.states import OrderStatus
from sandbox.serving import Server
from tests.contract.tracking.conftest import SECRET, Function
from tests.contract.tracking.gateway import Gateway

SAMPLES = Path(__file__).parents[3] / "docs" / "samples"
COMMANDS = {
    "push.py": (sys.executable, "push.py"),
    "push.mjs": ("node", "push.mjs"),
    "push.cs": ("dotnet", "run", "push.cs"),
    "curl.sh": ("sh", "curl.sh"),
}


@pytest.fixture
def gateway(function: Function) -> Iterator[tuple[Gateway, str]]:  # noqa: ARG001 - the function must stand
    api = Gateway()
    with Server(api) as served:
        yield api, f"{served.url}/v1/connections/main/shipments"


def run(name: str, url: str, secret: str = SECRET) -> subprocess.CompletedProcess[str]:
    command = COMMANDS[name]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed here")
    environment = {**os.environ, "CROSSDOCK_URL": url, "CROSSDOCK_WEBHOOK_SECRET": secret, "NO_PROXY": "127.0.0.1"}
    arguments = [*command, str(SAMPLES / "shipment.json")]
    return subprocess.run(
        arguments, cwd=SAMPLES, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_every_sample_is_run_by_these_tests() -> None:
    assert {each.name for each in SAMPLES.iterdir() if each.suffix != ".json"} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_sample_pushes_a_shipment_that_is_stored(name: str, function: Function, gateway: tuple[Gateway, str]) -> None:
    done = run(name, gateway[1])

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] == [{"id": "SHP-000018", "revision": 1, "result": "stored"}]
    order = function.orders.order("main", "SO-00001")
    assert order is not None
    assert order.status is OrderStatus.SHIPPED


@pytest.mark.parametrize("name", COMMANDS)
def test_a_sample_repeats_what_was_not_taken_with_the_same_id(name: str, gateway: tuple[Gateway, str]) -> None:
    api, url = gateway
    api.answers_first = [503] if name != "curl.sh" else [429]

    done = run(name, url)

    assert done.returncode == 0, done.stderr
    assert len({headers["Webhook-Id"] for headers in api.seen}) == 1
    assert len(api.seen) == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_a_sample_says_what_was_refused_and_does_not_insist(name: str, gateway: tuple[Gateway, str]) -> None:
    api, url = gateway

    done = run(name, url, "whsec_" + "A" * 32)

    assert done.returncode != 0
    assert "401" in done.stdout + done.stderr
    assert len(api.seen) == 1
