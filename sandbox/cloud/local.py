"""One local cloud: MiniStack with the stack on it."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import boto3
import botocore.session
from botocore.config import Config

from sandbox.cloud.build import BUILT_TEMPLATE, LOCK, build, sam_environment
from sandbox.cloud.commands import run
from sandbox.cloud.errors import CloudError
from sandbox.cloud.places import LOCAL, ROOT, SAM, architecture, environment_without_aws, held, tool
from sandbox.cloud.process import HOST, MiniStack
from sandbox.cloud.stack import FINGERPRINT, Stack, StackOutputs, described, refusal

REGION = "us-east-1"
KEY_ID = "crossdock-local"
DEFAULT_NAME = "crossdock"
DEFAULT_PORT = 4566
LOCAL_PARAMETERS = {
    "ScheduleState": "DISABLED",  # locally `crossdock tick` is the clock
    "DeletionProtection": "false",
}


@dataclass(frozen=True)
class LocalCloud:
    """A local cloud and the stack on it, both of one name; several run side by side, each with its port and folder."""

    name: str = DEFAULT_NAME
    port: int = DEFAULT_PORT
    folder: Path = LOCAL / "cloud"
    auth: bool = True
    """Whether the functions' IAM policies are enforced."""

    @classmethod
    def named(cls, name: str = DEFAULT_NAME, port: int | None = None) -> Self:
        """The cloud of that name, on the port given or the one that it had last."""
        folder = LOCAL / ("cloud" if name == DEFAULT_NAME else f"cloud-{name}")
        remembered = folder / "port"
        last = int(remembered.read_text()) if remembered.exists() else DEFAULT_PORT
        return cls(name=name, port=port or last, folder=folder)

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def ministack(self) -> MiniStack:
        return MiniStack(self.port, self.folder)

    def start(self) -> bool:
        """Start MiniStack with the state it saved last; False when it runs already."""
        self._remember_port()
        return self.ministack.start({"AUTH": str(self.auth).lower(), **self._credentials()})

    def stop(self) -> bool:
        """Stop MiniStack, which saves its state; False when none runs."""
        return self.ministack.stop()

    def purge(self) -> None:
        """Forget everything: the state, the key, the logs."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def deploy(self, parameters: Mapping[str, str] | None = None) -> StackOutputs:
        """Build and deploy what changed, with template parameters on top of `LOCAL_PARAMETERS`."""
        wanted = {**LOCAL_PARAMETERS, "Architecture": architecture(), **(parameters or {})}
        with held(LOCK):
            fingerprint = hashlib.sha256(f"{build()}{json.dumps(wanted, sort_keys=True)}".encode()).hexdigest()[:32]
            stack = self.stack()
            if stack is None or not stack.is_current(fingerprint):
                self._sam_deploy(stack, wanted, fingerprint)
        return self.outputs()

    def stack(self) -> Stack | None:
        return described(self.client("cloudformation"), self.name)

    def outputs(self) -> StackOutputs:
        stack = self.stack()
        if stack is None or not stack.is_usable:
            raise CloudError(f"There is no stack {self.name} on the local cloud.", "Run `make up`.")
        return StackOutputs.of(stack.outputs)

    def api_url(self, outputs: StackOutputs) -> str:
        """The API's base on this machine: a plain loopback address that needs no name service."""
        return f"{self.endpoint}/restapis/{outputs.api_id}/{outputs.stage}/_user_request_"

    def environment(self) -> dict[str, str]:
        """What points a program at this cloud, and away from the developer's own AWS settings."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            **self._credentials(),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": with_loopback(os.environ.get("NO_PROXY", "")),
            "no_proxy": with_loopback(os.environ.get("no_proxy", "")),
            "CROSSDOCK_STACK": self.name,
        }

    def child_environment(self) -> dict[str, str]:
        """A whole environment for a child process: this one's, with every AWS setting replaced."""
        return {**environment_without_aws(), **self.environment()}

    def client(self, service: str) -> Any:
        """A boto3 client of this cloud, whatever AWS profile or proxy the developer has set."""
        clean = dict.fromkeys(("profile", "config_file", "credentials_file"), (None, None, None, None))
        session = boto3.Session(botocore_session=botocore.session.Session(session_vars=clean))
        return session.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=self._secret(),
            config=Config(proxies={}, retries={"total_max_attempts": 2}),
        )

    def _sam_deploy(self, stack: Stack | None, parameters: Mapping[str, str], fingerprint: str) -> None:
        if stack is not None and stack.is_stillborn:
            self.client("cloudformation").delete_stack(StackName=self.name)
        command = [
            *(tool(SAM), "deploy", "--template-file", str(BUILT_TEMPLATE), "--stack-name", self.name),
            *("--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"),
            *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())),
            *("--tags", f"{FINGERPRINT}={fingerprint}"),
        ]
        environment = {**sam_environment(), **self.environment()}
        began = datetime.now(UTC)
        try:
            run(command, environment=environment, log=self.folder / "deploy.log")
        except CloudError as error:
            reason = refusal(self.client("cloudformation"), self.name, since=began)
            raise (CloudError(reason, error.todo, error.log) if reason else error) from error

    def _credentials(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": self._secret()}

    def _secret(self) -> str:
        """A key of this cloud's own, made on first use."""
        path = self.folder / "key"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(30))
        return path.read_text()

    def _remember_port(self) -> None:
        """Saved addresses hold the port, so the cloud keeps it."""
        if self.ministack.pid is not None and self._last_port() != self.port:
            raise CloudError(
                f"The local cloud {self.name} runs on port {self._last_port()}.", "Stop it first: `make down`."
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "port").write_text(str(self.port))

    def _last_port(self) -> int:
        return int((self.folder / "port").read_text())


def with_loopback(hosts: str) -> str:
    """A list of hosts that need no proxy, with this machine in it."""
    return hosts if HOST in hosts else ",".join(filter(None, [hosts, HOST]))
