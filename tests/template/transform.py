"""Prints template.yaml as CloudFormation sees it, in JSON.

Run by the Python of the SAM environment, which has the translator that AWS's own transform is built from:
`python transform.py template.yaml`.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

PACKAGED = "s3://bucket/key"  # what `sam package` leaves in place of a folder


class NoManagedPolicies:
    """The loader that the translator wants; the template names no AWS policy by its short name."""

    def load(self) -> dict[str, str]:
        return {}


def transformed(source: str) -> dict[str, Any]:
    template = yaml_parse(source)
    template["Globals"]["Function"]["CodeUri"] = PACKAGED
    template["Resources"]["CommonLayer"]["Properties"]["ContentUri"] = PACKAGED
    return transform(template, {}, NoManagedPolicies())


if __name__ == "__main__":
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    json.dump(transformed(Path(sys.argv[1]).read_text("utf-8")), sys.stdout)
