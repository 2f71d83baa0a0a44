"""The local cloud: MiniStack under the runtime's Python, with the real template deployed to it.

`python -m sandbox.cloud up` for a person, `LocalCloud` for a program.
"""

from sandbox.cloud.errors import CloudError
from sandbox.cloud.local import LocalCloud
from sandbox.cloud.stack import StackOutputs

__all__ = ["CloudError", "LocalCloud", "StackOutputs"]
