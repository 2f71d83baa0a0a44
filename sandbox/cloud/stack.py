"""The stack on the local cloud: what it has, what it exports, and whether it is up to date."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from botocore.exceptions import ClientError

FINGERPRINT = "crossdock:deployed"
CURRENT = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
USABLE = CURRENT | {"UPDATE_ROLLBACK_COMPLETE"}
STILLBORN = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"})


@dataclass(frozen=True)
class StackOutputs:
    """What the template's outputs say, by name."""

    api_url: str
    api_id: str
    orders_table: str
    checkpoints_table: str
    secrets_prefix: str
    functions: Mapping[str, str]
    """Each step's deployed function."""

    @property
    def stage(self) -> str:
        return self.api_url.rstrip("/").rsplit("/", 1)[-1]

    @classmethod
    def of(cls, outputs: Mapping[str, str]) -> Self:
        return cls(
            api_url=outputs["ApiUrl"],
            api_id=outputs["ApiId"],
            orders_table=outputs["OrdersTable"],
            checkpoints_table=outputs["CheckpointsTable"],
            secrets_prefix=outputs["SecretsPrefix"],
            functions={
                step_of(key.removesuffix("Function")): value
                for key, value in outputs.items()
                if key.endswith("Function")
            },
        )


@dataclass(frozen=True)
class Stack:
    """A stack as CloudFormation describes it."""

    status: str
    fingerprint: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def is_usable(self) -> bool:
        """It runs, if only what was deployed before the last deploy failed."""
        return self.status in USABLE

    def is_current(self, fingerprint: str) -> bool:
        return self.status in CURRENT and self.fingerprint == fingerprint

    @property
    def is_stillborn(self) -> bool:
        """Its first deploy failed: it has to be deleted before the next."""
        return self.status in STILLBORN


def described(cloudformation: Any, name: str) -> Stack | None:
    """The stack of that name; None where there is none."""
    try:
        found = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    if not found or found[0]["StackStatus"] == "DELETE_COMPLETE":
        return None
    return Stack(
        status=found[0]["StackStatus"],
        fingerprint={tag["Key"]: tag["Value"] for tag in found[0].get("Tags", [])}.get(FINGERPRINT, ""),
        parameters={entry["ParameterKey"]: entry["ParameterValue"] for entry in found[0].get("Parameters", [])},
        outputs={entry["OutputKey"]: entry["OutputValue"] for entry in found[0].get("Outputs", [])},
    )


def refusal(cloudformation: Any, name: str, since: datetime) -> str:
    """Why a deploy that began then failed, in CloudFormation's own words; empty when it does not say."""
    try:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError:
        return ""
    failed = [
        f"CloudFormation refused {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in sorted(events, key=lambda event: event["Timestamp"])
        if event["ResourceStatus"].endswith("_FAILED") and event["Timestamp"] >= since
    ]
    return failed[0] if failed else ""  # the first failure is the cause of the others


def step_of(camel: str) -> str:
    """`DownloadOrders` -> `download_orders`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()
