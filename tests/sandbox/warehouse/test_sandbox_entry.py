"""`python -m sandbox`: both servers up and seeded, the state kept, credentials private, a busy port explained."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import requests
from rich.console import Console

from sandbox.__main__ import connection_file, main, running, show
from sandbox.scenario import connection

ROOT = Path(__file__).parents[3]


def orders_at(sandbox, path: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {sandbox.credentials.CROSSDOCK_WMS_TOKEN}"}
    return requests.get(f"{sandbox.warehouse_url}{path}", headers=headers, timeout=5)


def sales_in(sandbox) -> dict[str, str]:
    headers = {
        "api-auth-accountid": sandbox.credentials.CROSSDOCK_DEAR_ACCOUNT_ID,
        "api-auth-applicationkey": sandbox.credentials.CROSSDOCK_DEAR_API_KEY,
    }
    url = f"{sandbox.dear_url}/ExternalApi/v2/saleList?Limit=1000"
    rows = requests.get(url, headers=headers, timeout=5).json()["SaleList"]
    return {row["OrderNumber"]: row["Status"] for row in rows}


def test_a_new_state_is_seeded_on_both_sides(tmp_path):
    with running(tmp_path, "demo", 34, 0, 0) as sandbox:
        sales = sales_in(sandbox)
        items = orders_at(sandbox, "/inventory").json()["items"]

    expected = json.loads((tmp_path / "expected.json").read_text())
    assert sales.keys() == expected.keys()
    assert {sales[number] for number, outcome in expected.items() if outcome == "invoiced"} == {"ORDERED"}
    assert len(items) == 26


def test_a_state_is_kept_over_a_restart_and_not_seeded_twice(tmp_path):
    with running(tmp_path, "demo", 5, 0, 0) as first:
        requests.post(f"{first.warehouse_url}/_control/stock", json={"stock": [], "replace": True}, timeout=5)

    with running(tmp_path, "demo", 40, 0, 0) as second:
        assert len(sales_in(second)) == 5
        assert orders_at(second, "/inventory").json()["items"] == []
        assert second.credentials == first.credentials
        assert second.begun_with == {"scenario": "demo", "sales": 5}


def test_a_run_that_was_killed_while_it_seeded_is_seeded_anew(tmp_path):
    with running(tmp_path, "demo", 3, 0, 0):
        (tmp_path / "scenario.json").unlink()

    with running(tmp_path, "demo", 3, 0, 0) as sandbox:
        assert len(sales_in(sandbox)) == 3


def test_an_empty_scenario_seeds_nothing(tmp_path):
    with running(tmp_path, "empty", 34, 0, 0) as sandbox:
        assert sales_in(sandbox) == {}


def test_credentials_are_for_their_owner_alone(tmp_path):
    with running(tmp_path, "empty", 1, 0, 0):
        mode = (tmp_path / "credentials.json").stat().st_mode

    assert mode & 0o777 == 0o600


def test_what_is_printed_can_be_copied(tmp_path):
    paper = io.StringIO()
    with running(tmp_path, "empty", 1, 0, 0) as sandbox:
        show(Console(file=paper, width=40), tmp_path, sandbox)

    lines = paper.getvalue().splitlines()
    assert f"export CROSSDOCK_DEAR_API_KEY={sandbox.credentials.CROSSDOCK_DEAR_API_KEY}" in lines
    assert f"export CROSSDOCK_WEBHOOK_SECRET={sandbox.credentials.CROSSDOCK_WEBHOOK_SECRET}" in lines
    assert f'base_url = "{sandbox.dear_url}/ExternalApi/v2"' in lines
    assert '"DEFAULT Carrier" = "STANDARD"' in lines


def test_the_connection_file_reads_back_as_the_connection():
    table = connection("http://127.0.0.1:1/ExternalApi/v2", "http://127.0.0.1:2")

    assert tomllib.loads(connection_file(table)) == table


def test_a_port_in_use_is_explained(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(SystemExit, match=rf"Port {port} cannot be used .*--dear-port"):
            main(["--dear-port", str(port), "--warehouse-port", "0", "--state", str(tmp_path)])


def test_it_runs_until_it_is_told_to_stop(tmp_path):
    command = [sys.executable, "-m", "sandbox", "--scenario", "empty", "--state", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--dear-port", "0", "--warehouse-port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    for line in process.stdout:
        if line.startswith("Ctrl-C"):
            break
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)

    assert process.returncode == 0
    assert errors == ""
