"""What runs in Lambda imports nothing but what the layer or the runtime brings."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = {"crossdock", *(folder.name for folder in (ROOT / "functions").iterdir() if folder.is_dir())}
RUNTIME = {"boto3", "botocore"}
MODULE_OF = {"aws-lambda-powertools": "aws_lambda_powertools"}
READ_BY_ANOTHER = {"tzdata"}
"""What zoneinfo reads where the system has no time zones, as Lambda's has not."""


def imported(file: Path) -> set[str]:
    """Top-level modules that are imported when the file is run, those under TYPE_CHECKING left out."""
    tree = ast.parse(file.read_text())
    checked = {id(node) for part in ast.walk(tree) if _only_for_types(part) for node in ast.walk(part)}
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in checked:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
    return {name.split(".")[0] for name in names}


def _only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_every_import_is_ours_the_standard_librarys_the_runtimes_or_pinned_in_the_layer():
    layer = ROOT / "layers/common"
    asked = {MODULE_OF.get(line, line) for line in (layer / "requirements.in").read_text().split()}
    pinned = {line.split("==")[0] for line in (layer / "requirements.txt").read_text().splitlines() if "==" in line}
    files = [*(layer / "crossdock").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]

    foreign = {name for file in files for name in imported(file)} - set(sys.stdlib_module_names) - OURS - RUNTIME

    assert foreign <= {MODULE_OF.get(name, name) for name in pinned}
    assert asked - READ_BY_ANOTHER <= foreign, "the layer carries nothing that nobody imports"
