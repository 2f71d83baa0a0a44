"""What every record of the domain has in common."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """An immutable value: it is replaced, never changed, so two readers never disagree about it.

    Fields that it does not know are carried along: while a deployment is under way, or after one was taken back, a
    newer version's record goes through an older one's hands and comes out whole.
    """

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)


class Reason(Record):
    """Why something stands where it stands: a stable code for machines, a sentence for people."""

    code: str
    text: str


class Event(Record):
    """One line of a timeline. `detail` never carries personal data."""

    at: str
    event: str
    detail: str = ""
