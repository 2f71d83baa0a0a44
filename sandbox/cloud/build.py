"""Builds the template with SAM, and only when what it is built from has changed."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from sandbox.cloud.commands import run
from sandbox.cloud.places import BUILD, LOCAL, ROOT, SAM, architecture, environment_without_aws, tool

TEMPLATE = ROOT / "template.yaml"
BUILT_TEMPLATE = BUILD / "template.yaml"
DIGEST = BUILD / "digest"
LOCK = LOCAL / "build.lock"


def sources() -> Iterator[Path]:
    """Every file that the build reads, in a steady order."""
    yield TEMPLATE
    for folder in (ROOT / "functions", ROOT / "layers" / "common"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def digest() -> str:
    """Changes when any source does, or the processor it is built for."""
    total = hashlib.sha256(architecture().encode())
    for path in sources():
        total.update(f"\0{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def is_built(wanted: str) -> bool:
    return DIGEST.exists() and BUILT_TEMPLATE.exists() and DIGEST.read_text() == wanted


def build() -> str:
    """Build if needed; the digest of what is built. The caller holds `LOCK`."""
    wanted = digest()
    if is_built(wanted):
        return wanted
    run(
        [
            *(tool(SAM), "build", "--template", str(TEMPLATE)),
            *("--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"),
            *("--build-dir", str(BUILD), "--cache-dir", str(LOCAL / "build-cache")),
            *("--parameter-overrides", f"Architecture={architecture()}"),
        ],
        environment=sam_environment(),
        log=LOCAL / "build.log",
    )
    DIGEST.write_text(wanted)
    return wanted


def sam_environment() -> dict[str, str]:
    """SAM builds with the python3.13 it finds first on the path: the one beside this process's own."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {
        **environment_without_aws(),
        "PATH": path,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.2",
        "__SAM_CLI_APP_DIR": str(LOCAL / "sam"),  # else SAM keeps notes in the home folder
        "AWS_DEFAULT_REGION": "us-east-1",
    }
