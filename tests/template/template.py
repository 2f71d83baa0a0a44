"""The template as CloudFormation sees it after SAM's transform, and the ways to ask about it."""

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SAM_PYTHON = ROOT / ".local" / "venv-sam" / "bin" / "python"
UNITS = {"minute": 60, "minutes": 60, "hour": 3600}

type Properties = dict[str, Any]


@cache
def transformed() -> dict[str, Any]:
    """Made once by the SAM environment's Python: the translator is not installed in this one."""
    done = subprocess.run(
        [SAM_PYTHON, Path(__file__).with_name("transform.py"), ROOT / "template.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"make the environment with `make .local/venv-sam/.made`\n{done.stderr}"
    return json.loads(done.stdout)


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a kind, by logical name; `kind` without `AWS::`."""
    return {name: each for name, each in transformed()["Resources"].items() if each["Type"] == f"AWS::{kind}"}


def properties(name: str) -> Properties:
    return transformed()["Resources"][name]["Properties"]


def default(parameter: str) -> Any:
    return transformed()["Parameters"][parameter]["Default"]


def steps_of_the_code() -> set[str]:
    """Every folder of `functions/` is a step."""
    return {path.name for path in (ROOT / "functions").iterdir() if any(path.glob("*.py"))}


def step_of(name: str) -> str:
    """`DownloadOrdersTick` and `DownloadOrders` -> `download_orders`."""
    bare = re.sub(r"(Tick|Role|Logs|Heartbeat|EventInvokeConfig|Function)$", "", name)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", bare).lower()


def scheduled_steps() -> list[str]:
    return sorted(resources("Scheduler::Schedule"))


def seconds(rate: str) -> int:
    """`rate(5 minutes)` -> 300."""
    number, unit = rate.removeprefix("rate(").removesuffix(")").split()
    return int(number) * UNITS[unit]


def rates(schedule: str) -> list[str]:
    """The rates that a schedule may have, its default first: those of its parameter, or the one that is written."""
    rate = properties(schedule)["ScheduleExpression"]
    if isinstance(rate, str):
        return [rate]
    parameter = transformed()["Parameters"][rate["Ref"]]
    return [parameter["Default"], *parameter["AllowedValues"]]


def statements(role: str) -> Iterator[dict[str, Any]]:
    """What a role may do at most, with actions and resources as lists: what only holds with a key counts, too."""
    for policy in properties(role)["Policies"]:
        for each in policy["PolicyDocument"]["Statement"]:
            statement = each["Fn::If"][1] if "Fn::If" in each else each
            yield {**statement, "Action": listed(statement["Action"]), "Resource": listed(statement["Resource"])}


def grants(role: str, service: str) -> set[str]:
    """The actions of one service that a role may do on anything."""
    return {action for each in statements(role) for action in each["Action"] if action.startswith(f"{service}:")}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
