"""Which shapes go in and out of the API? Each becomes a schema of the OpenAPI document; the words are its reference.

What comes in is read strictly: no field that is not there, no "yes" for true. What is right beyond the shape is decided
where it is for every caller: calls.values, emails.services, people.services.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tandem.calls.services import KEY_LENGTH
from tandem.calls.values import LONGEST_CALL, NOTES_LENGTH, TEXT_LENGTH, WORD_LENGTH
from tandem.emails.models import MESSAGE_ID_LENGTH

T = TypeVar("T")

_NO_CONTROLS = r"^[^\u0000-\u001f\u007f]*$"
_NO_NUL = r"^[^\u0000]*$"
_ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$"

Line = Annotated[str, Field(pattern=_NO_CONTROLS, max_length=TEXT_LENGTH)]
Address = Annotated[str, Field(pattern=_ADDRESS, max_length=254, examples=["jan@veldkamp.example"])]
MessageId = Annotated[
    str,
    Field(
        pattern=r"^<?[^<>\s\u0000-\u001f\u007f]+>?$",
        max_length=MESSAGE_ID_LENGTH,
        description="As in the header Message-ID, with or without its angle brackets.",
        examples=["20261123.1@acme.example"],
    ),
]
#: What fits in a database's integer.
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Strict(BaseModel):
    """What comes in."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Page(Schema, Generic[T]):
    """A part of a list, the newest first."""

    items: list[T]
    next: str | None = Field(
        description="Give it as `cursor` to go on behind the last item; null at the end."
    )


# --- what comes in ----------------------------------------------------------------------------------------------------


class NamedIn(Strict):
    """Somebody's address, and the name beside it."""

    address: Address
    name: Line = ""


class EmailIn(Strict):
    """An email that was sent, field by field; instead of the whole message as message/rfc822."""

    message_id: MessageId
    sender: NamedIn
    to: Annotated[list[NamedIn], Field(max_length=200)] = []
    cc: Annotated[list[NamedIn], Field(max_length=200)] = []
    bcc: Annotated[list[NamedIn], Field(max_length=200)] = []
    subject: Annotated[str, Field(pattern=_NO_CONTROLS, max_length=998)] = ""
    text: Annotated[str, Field(pattern=_NO_NUL, max_length=500_000)] = ""
    html: Annotated[
        str, Field(pattern=_NO_NUL, max_length=500_000, description="Made safe before it is stored.")
    ] = ""
    at: AwareDatetime = Field(description="When it was sent, since the year 2000.")
    in_reply_to: MessageId | None = None
    references: Annotated[list[MessageId], Field(max_length=100)] = []
    log: bool = Field(True, description="false: keep it out of Salesforce.")


class CallIn(Strict):
    """A call that was made. With whom: by `address`, by `record`, or by both."""

    key: Annotated[
        str,
        Field(
            pattern=_NO_CONTROLS,
            min_length=1,
            max_length=KEY_LENGTH,
            description="Your own name for this call: telling it twice with the same key makes one call.",
            examples=["dialer-81723"],
        ),
    ]
    address: Address | None = None
    record: (
        Annotated[
            str,
            Field(
                pattern=r"^(00Q|003)[0-9A-Za-z]{12}[A-Z0-5]{3}$",
                description="The 18-character id of a Lead or Contact in Salesforce.",
            ),
        ]
        | None
    ) = None
    name: Line = ""
    subject: Line = Field("", description="Without one: “Call with …”.")
    notes: Annotated[str, Field(pattern=_NO_NUL, max_length=NOTES_LENGTH)] = ""
    outcome: Annotated[str, Field(pattern=_NO_CONTROLS, max_length=WORD_LENGTH)] = ""
    reason: Annotated[str, Field(pattern=_NO_CONTROLS, max_length=WORD_LENGTH)] = ""
    at: AwareDatetime = Field(description="When it began.")
    seconds: Annotated[int, Field(ge=0, le=int(LONGEST_CALL.total_seconds()))] = 0
    log: bool = Field(True, description="false: keep it out of Salesforce.")


class IgnoredIn(Strict):
    """Whom nothing is ever logged for: an address, or a whole domain."""

    pattern: Annotated[
        str,
        Field(
            pattern=r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@)?[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$",
            max_length=254,
            examples=["jan@veldkamp.example", "veldkamp.example"],
        ),
    ]


# --- what goes out ----------------------------------------------------------------------------------------------------


class LoggedOnOut(Schema):
    """The one Task that logs an activity on one record."""

    record: str = Field(description="The 18-character id of the Lead, Contact, Account or Opportunity.")
    record_name: str
    record_url: str | None
    state: Literal["waiting", "logged", "needs-you", "left-out"]
    task: str | None = Field(description="The id of the Task in Salesforce, once it is there.")
    task_url: str | None
    logged_at: datetime | None
    trouble: str = Field(description="Why it is not there yet, when something is in the way.")


class InSalesforceOut(Schema):
    """What was decided about an email or call, why, and how far it has come."""

    verdict: Literal["not-looked-at", "open", "logged", "held", "left-out"]
    why: list[str] = Field(description="A sentence for each thing that was decided.")
    logged_on: list[LoggedOnOut]
    api_calls: float = Field(
        description="What it cost of your org's API allowance; a shared call counts in parts."
    )


class NamedOut(Schema):
    address: str
    name: str


class RecipientOut(NamedOut):
    role: Literal["to", "cc", "bcc"]
    bounced: str = Field(description="Why it did not arrive there; empty when nobody said so.")


class EmailOut(Schema):
    """An email as Tandem knows it; its text is not repeated."""

    id: int
    message_id: str
    kind: Literal["sent", "reply"]
    state: Literal["draft", "scheduled", "sending", "delivered", "failed", "bounced", "spam"]
    came_by: Literal["composed", "relay", "api", "sent-folder", "inbox"]
    sender: NamedOut
    recipients: list[RecipientOut]
    subject: str
    at: datetime | None
    log: bool
    trouble: str
    salesforce: InSalesforceOut


class CallOut(Schema):
    """A call as Tandem knows it."""

    id: int
    key: str | None
    address: str | None
    record: str | None
    name: str
    subject: str
    notes: str
    outcome: str
    reason: str
    at: datetime
    seconds: int
    log: bool
    salesforce: InSalesforceOut


class ActivityOut(Schema):
    """An email or call that somebody has looked at for Salesforce."""

    id: int
    email: int | None = Field(description="The email's id; null for a call.")
    call: int | None = Field(description="The call's id; null for an email.")
    subject: str
    at: datetime | None
    salesforce: InSalesforceOut


class IgnoredOut(Schema):
    pattern: str
    by: str
    at: datetime
