"""What the warehouse answers when it does not do what was asked; each error knows its HTTP answer.

WarehouseError
├── Unauthorised    401  no or a wrong token
├── NotFound        404  nothing has this id or reference
├── Conflict        409  an order with this reference exists, or it is too late
└── Refused         400 / 422  the request can never succeed as it is
"""

from typing import Any

Problem = dict[str, str]
"""`{field, message}`: where in the request, and what about it."""


class WarehouseError(Exception):
    """A request that was not carried out; nothing was changed."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


class Unauthorised(WarehouseError):
    """The caller did not show the right token."""

    def __init__(self) -> None:
        super().__init__(401, {"errors": [problem("Authorization", "a valid bearer token is required")]})


class NotFound(WarehouseError):
    """Nothing has this id or reference."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(404, {"errors": [problem(field, f"{value} is not known here")]})


class Conflict(WarehouseError):
    """The state of things forbids it."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(409, body)


class Refused(WarehouseError):
    """The request is wrong in itself: 400 where it cannot be read, 422 where it can."""

    def __init__(self, problems: list[Problem], status: int = 422) -> None:
        super().__init__(status, {"errors": problems})


def problem(field: str, message: str) -> Problem:
    return {"field": field, "message": message}
