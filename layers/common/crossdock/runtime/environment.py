"""What a function is told by its environment, validated once."""

import os

from pydantic import BaseModel, ConfigDict, Field


class Environment(BaseModel):
    """The names of what the stack made. Missing ones are a fault of the deployment, named in the error."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    orders_table: str = Field(alias="ORDERS_TABLE", min_length=1)
    checkpoints_table: str = Field(alias="CHECKPOINTS_TABLE", min_length=1)
    secrets_prefix: str = Field(alias="SECRETS_PREFIX", min_length=1)


def read() -> Environment:
    """The environment of this function."""
    return Environment.model_validate(dict(os.environ))
