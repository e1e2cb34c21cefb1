"""What may other tools tell Tandem, and ask of it? Every address of the API, one function each.

An endpoint reads, asks a service, and answers. Whatever it refuses it refuses before anything is stored; whatever it
stores is one transaction of a service.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Path, Query, Router, Status

from tandem import clock
from tandem.accounts.models import Member
from tandem.api import problems, reading
from tandem.api.problems import Problem
from tandem.api.reading import JSON, ApiRequest
from tandem.api.schemas import (
    ActivityOut,
    CallIn,
    CallOut,
    EmailIn,
    EmailOut,
    Id,
    IgnoredIn,
    IgnoredOut,
    NamedIn,
    Page,
)
from tandem.api.writing import a_page, activities_out, calls_out, emails_out
from tandem.calls import services as calls
from tandem.calls.errors import InvalidCall, KeyTaken
from tandem.calls.models import Call
from tandem.calls.values import checked
from tandem.emails import mime
from tandem.emails import services as emails
from tandem.emails.errors import InvalidEmail, ToldBySomebodyElse
from tandem.emails.models import Email
from tandem.emails.values import EARLIEST
from tandem.people.services import InvalidPattern
from tandem.sync import services as sync
from tandem.sync.models import Activity

router = Router()

RFC822 = "message/rfc822"
MESSAGE_LIMIT = 25_000_000  # bytes
MOST = 100

Cursor = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9_-]{1,40}$", description="`next` of the page before; without it, the newest."),
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
EmailState = Annotated[Email.State | None, Query(description="Only those in this state.")]
RowId = Annotated[Id, Path()]


# --- emails -----------------------------------------------------------------------------------------------------------


@router.post(
    "/emails",
    response={200: EmailOut, 201: EmailOut},
    operation_id="tell_email",
    summary="Tell an email that was sent",
    tags=["Emails"],
)
def tell_email(request: ApiRequest, log: Annotated[bool, Query()] = True) -> Status[Any]:
    """One email, however often you tell it: the Message-ID decides. Answers 201 the first time, 200 after that.

    Send the whole message as `message/rfc822`, up to 25 MB, or its fields as JSON. Nothing is sent to anybody: the
    message has been sent already, and this makes it known, so that it is logged on the right records in Salesforce.
    `log=false` keeps it out of Salesforce.
    """
    match reading.media_type(request):
        case reading.JSON:
            told = reading.json_body(request, EmailIn)
            message, log = _parsed(told), log and told.log
        case "message/rfc822":
            message = _read(reading.body(request, MESSAGE_LIMIT))
        case _:
            raise Problem(problems.WRONG_MEDIA_TYPE, f"This address reads {RFC822} and {JSON}.")
    known = Email.objects.filter(message_id=message.message_id).exists()
    try:
        email = emails.told(request.auth, message=message, way=Email.Way.API, log=log)
    except ToldBySomebodyElse:
        raise Problem(problems.MESSAGE_TAKEN) from None
    except InvalidEmail as invalid:
        raise Problem(problems.INVALID, invalid.sentence) from None
    return Status(200 if known else 201, emails_out([email])[0])


@router.get(
    "/emails", response=Page[EmailOut], operation_id="list_emails", summary="List emails", tags=["Emails"]
)
def list_emails(
    request: ApiRequest, cursor: Cursor = None, limit: Limit = 50, state: EmailState = None
) -> dict[str, Any]:
    """The member's emails, the newest first: what became of each, and on which records it is logged, or why not."""
    mine = Email.objects.filter(member=request.auth, deleted_at=None).prefetch_related("recipients")
    return a_page(mine.filter(state=state) if state else mine, cursor, limit, emails_out)


@router.get(
    "/emails/{id}", response=EmailOut, operation_id="read_email", summary="Read an email", tags=["Emails"]
)
def read_email(request: ApiRequest, id: RowId) -> dict[str, Any]:
    """One email of the member's: what became of it, and on which records it is logged, or why not."""
    email = Email.objects.filter(member=request.auth, pk=id).prefetch_related("recipients").first()
    if email is None:
        raise Problem(problems.NOT_FOUND)
    return emails_out([email])[0]


def _read(content: bytes) -> mime.ParsedMessage:
    try:
        return mime.parse(content)
    except InvalidEmail as invalid:
        raise Problem(problems.INVALID, invalid.sentence) from None


def _in_utc(at: datetime) -> datetime:
    try:
        moment = at.astimezone(UTC)
    except OverflowError:  # the first and the last day that there is, in another zone
        moment = None
    if moment is None or moment < EARLIEST:
        raise Problem(
            problems.INVALID,
            errors=[("at", "No email was sent at this time. Give a time since the year 2000.")],
        )
    return moment


def _parsed(told: EmailIn) -> mime.ParsedMessage:
    """The same values as parsing the message would give."""

    def bare(message_id: str) -> str:
        return message_id.removeprefix("<").removesuffix(">")

    def named(role: mime.Role, listed: list[NamedIn]) -> list[mime.Named]:
        return [mime.Named(role, one.address.lower(), one.name) for one in listed]

    return mime.ParsedMessage(
        message_id=bare(told.message_id),
        sender=told.sender.address.lower(),
        sender_name=told.sender.name,
        recipients=tuple(dict.fromkeys(named("to", told.to) + named("cc", told.cc) + named("bcc", told.bcc))),
        subject=told.subject,
        text=told.text,
        html=told.html,
        date=_in_utc(told.at),
        in_reply_to=(bare(told.in_reply_to),) if told.in_reply_to else (),
        references=tuple(bare(one) for one in told.references),
    )


# --- calls ------------------------------------------------------------------------------------------------------------


@router.post(
    "/calls",
    response={200: CallOut, 201: CallOut},
    operation_id="tell_call",
    summary="Tell a call that was made",
    tags=["Calls"],
)
def tell_call(request: ApiRequest) -> Status[Any]:
    """One call, however often you tell it: `key` decides. Answers 201 the first time, 200 after that.

    The same key with other words is refused (409): a logged call is not changed any more.
    """
    told = reading.json_body(request, CallIn)
    values = told.model_dump(exclude={"key"})
    try:
        call_values = checked(
            clock.now(), **{**values, "address": told.address or "", "record": told.record or ""}
        )
        known = calls.told_before(request.auth, told.key)
        call = calls.log_call(request.auth, call_values, told.key)
    except InvalidCall as invalid:
        errors = [(field, str(sentence)) for field, sentence in invalid.sentences.items()]
        raise Problem(problems.INVALID, errors=errors) from None
    except KeyTaken:
        raise Problem(problems.KEY_TAKEN) from None
    return Status(200 if known else 201, calls_out([call])[0])


@router.get("/calls", response=Page[CallOut], operation_id="list_calls", summary="List calls", tags=["Calls"])
def list_calls(request: ApiRequest, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    """The member's calls, the newest first."""
    return a_page(Call.objects.filter(member=request.auth), cursor, limit, calls_out)


# --- what was logged where --------------------------------------------------------------------------------------------


@router.get(
    "/activities",
    response=Page[ActivityOut],
    operation_id="list_activities",
    summary="List what was logged where",
    tags=["Activities"],
)
def list_activities(request: ApiRequest, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    """The member's emails and calls that have been looked at for Salesforce: logged where, by which rule, at which cost."""
    mine = Activity.objects.filter(member=request.auth).select_related("email", "call")
    return a_page(mine, cursor, limit, activities_out)


# --- people -----------------------------------------------------------------------------------------------------------


@router.post(
    "/people/ignored",
    response={200: IgnoredOut},
    operation_id="ignore",
    summary="Never log anything for an address or a domain",
    tags=["People"],
)
def ignore(request: ApiRequest) -> Any:
    """From now on nothing is logged for this address, for nobody in the team. Saying it twice changes nothing.

    A whole domain is ignored by admins only.
    """
    told = reading.json_body(request, IgnoredIn)
    if "@" not in told.pattern and request.auth.role != Member.Role.ADMIN:
        raise Problem(problems.NOT_ALLOWED, "A whole domain is ignored by admins only.")
    try:
        ignored = sync.ignore(request.auth, told.pattern)
    except InvalidPattern as invalid:
        raise Problem(problems.INVALID, errors=[("pattern", str(invalid.sentence))]) from None
    return {"pattern": ignored.pattern, "by": ignored.by.email, "at": ignored.at}
