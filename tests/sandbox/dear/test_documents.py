"""The document store, and what a killed process leaves behind."""

import contextlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandbox.dear.app import create_app
from sandbox.documents import Documents
from tests.sandbox.conftest import HandClock
from tests.sandbox.dear.client import ACCOUNT_ID, API_KEY, DearClient

VICTIM = """
import sys, time
from pathlib import Path
from sandbox.documents import Documents
documents = Documents(Path(sys.argv[1]))
with documents.transaction():
    documents.put("sale", "1", {"state": "first"})
    documents.append("ledger", {"write": 1})
with documents.transaction():
    documents.put("sale", "1", {"state": "second"})
    documents.append("ledger", {"write": 2})
    print("within", flush=True)
    time.sleep(60)
"""


class Broken(Exception):
    """What goes wrong within a transaction."""


def test_a_replaced_document_keeps_its_place(documents: Documents) -> None:
    for key in ("b", "a", "c"):
        documents.put("sale", key, {"key": key})

    documents.put("sale", "b", {"key": "b", "changed": True})

    assert [doc["key"] for doc in documents.all("sale")] == ["b", "a", "c"]
    assert documents.get("sale", "b") == {"key": "b", "changed": True}


def test_what_is_read_is_a_copy(documents: Documents) -> None:
    documents.put("sale", "a", {"lines": []})

    documents.all("sale")[0]["lines"].append("changed")

    assert documents.get("sale", "a") == {"lines": []}


def test_a_log_grows_without_gaps_per_kind(documents: Documents) -> None:
    numbers = [documents.append(kind, {"kind": kind}) for kind in ("calls", "calls", "ledger", "calls")]

    assert numbers == [1, 2, 1, 3]
    assert [entry["seq"] for entry in documents.log("calls")] == [1, 2, 3]


def test_a_failed_transaction_leaves_nothing(documents: Documents) -> None:
    documents.put("sale", "a", {"state": "kept"})

    with pytest.raises(Broken):
        write_and_fail(documents)

    assert documents.get("sale", "a") == {"state": "kept"}
    assert documents.log("ledger") == []


def test_an_inner_failure_that_is_caught_leaves_the_outer_writes(documents: Documents) -> None:
    with documents.transaction():
        documents.put("sale", "a", {"state": "kept"})
        with contextlib.suppress(Broken):
            write_and_fail(documents)

    assert documents.get("sale", "a") == {"state": "kept"}
    assert documents.log("ledger") == []


def write_and_fail(documents: Documents) -> None:
    with documents.transaction():
        documents.put("sale", "a", {"state": "lost"})
        documents.append("ledger", {})
        with documents.transaction():
            documents.delete("sale", "a")
        raise Broken


def test_threads_take_turns(documents: Documents) -> None:
    documents.put("counter", "", {"value": 0})

    def count() -> None:
        for _ in range(50):
            with documents.transaction():
                value = (documents.get("counter", "") or {})["value"]
                documents.put("counter", "", {"value": value + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert documents.get("counter", "") == {"value": 200}


def test_a_kill_in_the_middle_leaves_the_last_commit(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with subprocess.Popen([sys.executable, "-c", VICTIM, str(path)], stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "within\n"
        victim.kill()

    survivor = Documents(path)

    assert survivor.get("sale", "1") == {"state": "first"}
    assert [entry["write"] for entry in survivor.log("ledger")] == [1]
    survivor.close()


def test_a_sandbox_that_is_started_again_has_everything(tmp_path: Path, clock: HandClock) -> None:
    first, before = _account(tmp_path, clock)
    before.seed(products=[{"sku": "BREAD"}], stock=[{"sku": "BREAD", "on_hand": 5}])
    (sale_id,) = before.seed(sales=[{"lines": [{"sku": "BREAD", "quantity": 2}]}])
    before.packed(sale_id)
    before.settings(calls_per_minute=4)
    before.control("POST", "/faults", {"path": "/me", "kind": "status", "status": 500})
    seen = [before.sale(sale_id), before.control("GET", "/ledger"), before.control("GET", "/stock")]
    first.close()

    second, after = _account(tmp_path, clock)

    assert [after.sale(sale_id), after.control("GET", "/ledger"), after.control("GET", "/stock")] == seen
    assert after.call("GET", "/me").status == 500
    assert [after.call("GET", "/me").status for _ in range(3)] == [200, 200, 429]
    assert after.control("GET", "/calls")["calls"][0]["path"].endswith("/pick")
    second.close()


def _account(folder: Path, clock: HandClock) -> tuple[Documents, DearClient]:
    documents = Documents(folder / "dear.sqlite")
    app = create_app(documents, clock, account_id=ACCOUNT_ID, api_key=API_KEY, calls_per_minute=None)
    return documents, DearClient(app)
