"""How DEAR says no: an HTTP status, and an error object with a code and a sentence."""

from typing import Any


class DearError(Exception):
    """A refused call. `status` is HTTP's, `code` the body's `ErrorCode`, which may differ from it."""

    def __init__(self, text: str, *, status: int = 400, code: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.code = status if code is None else code

    def body(self, shape: str) -> Any:
        """Give the body as the array that is usual on the wire, or as the bare object also seen."""
        error = {"ErrorCode": self.code, "Exception": self.text}
        return error if shape == "object" else [error]


class Rejected(DearError):
    """A 400: the data failed a validation test."""


class NotInReferenceBook(Rejected):
    """A 400 whose error is coded 404: a reference value that the account does not have."""

    def __init__(self, what: str, value: object) -> None:
        super().__init__(f"{what} '{value}' was not found in reference book", code=404)


class Unparsable(DearError):
    """A 500: the body is not the JSON object that the call needs."""

    def __init__(self, text: str) -> None:
        super().__init__(text, status=500)
