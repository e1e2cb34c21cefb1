"""What makes a typed email one that can be kept and sent? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import getaddresses

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from tandem.emails.errors import InvalidDraft
from tandem.emails.headers import one_line, storable
from tandem.emails.merging import wrong_fields
from tandem.emails.mime import Attachment, Named, Role
from tandem.emails.refs import typed as typed_refs

SUBJECT_LENGTH = 998
#: A date before this is a broken clock's; the first ones of all do not even exist in every zone.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
#: All files of one email together, in bytes; base64 makes 31 MB of it, which most servers still take.
ATTACHMENTS_SIZE = 23 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftValues:
    """What a person writes for an email. Valid: `checked` makes them."""

    recipients: tuple[Named, ...]
    subject: str
    text: str = ""
    template_name: str = ""
    log: bool = True
    attachments: tuple[Attachment, ...] = ()
    refs: tuple[str, ...] = ()


def checked(
    *,
    to: str,
    cc: str = "",
    bcc: str = "",
    subject: str,
    text: str = "",
    template_name: str = "",
    log: bool = True,
    attachments: Sequence[Attachment] = (),
    refs: str = "",
) -> DraftValues:
    """Values as somebody typed them. Addresses: "Jan de Vries <jan@x.example>, mara@y.example", also with semicolons.

    Raises InvalidDraft with a sentence for every field that cannot stay as it is (CC-3: recipient and subject).
    """
    sentences: dict[str, str] = {}
    recipients: list[Named] = []
    typed: dict[Role, str] = {"to": to, "cc": cc, "bcc": bcc}
    for role, line in typed.items():
        try:
            recipients += addresses(line, role)
        except InvalidDraft as invalid:
            sentences |= invalid.sentences
    if "to" not in sentences and not any(named.role == "to" for named in recipients):
        sentences["to"] = _("Nobody is named yet. Nothing was saved. Write at least one address.")
    subject = one_line(subject)
    if not subject:
        sentences["subject"] = _("The subject is empty. Nothing was saved. Write what the email is about.")
    elif len(subject) > SUBJECT_LENGTH:
        sentences["subject"] = _("The subject is too long. Nothing was saved. Shorten it.")
    for field, written in (("subject", subject), ("text", text)):
        if wrong := wrong_fields(written):
            sentences.setdefault(field, wrong)
    if sum(len(file.content) for file in attachments) > ATTACHMENTS_SIZE:
        sentences["attachments"] = _(
            "The attachments are larger than 23 MB together. Nothing was saved. Leave some out, or send a link to them."
        )
    named: tuple[str, ...] = ()
    try:
        named = typed_refs(refs)
    except InvalidDraft as invalid:
        sentences |= invalid.sentences
    if sentences:
        raise InvalidDraft(sentences)
    return DraftValues(
        recipients=tuple(recipients),
        subject=subject,
        text=storable(text.replace("\r\n", "\n").replace("\r", "\n")),
        template_name=template_name,
        log=log,
        attachments=tuple(attachments),
        refs=named,
    )


def addresses(line: str, role: Role) -> list[Named]:
    """The addresses of one field, each once. Raises InvalidDraft under the name of the role."""
    found: dict[str, Named] = {}
    line = " ".join(storable(line).replace(";", ",").split()).strip(", ")
    for name, address in getaddresses([line]) if line else []:
        canonical = sendable(address)
        if not canonical:
            raise InvalidDraft({role: _not_an_address(address or line)})
        found.setdefault(canonical, Named(role, canonical, one_line(name)[:255]))
    return list(found.values())


def sendable(address: str) -> str:
    """In lower case, its domain as DNS spells it; "" when nothing can be sent there."""
    user, _at, domain = address.strip().lower().rpartition("@")
    if not user.isascii():  # Django's check lets letters through that fold to ASCII ones; SMTP does not
        return ""
    try:
        canonical = f"{user}@{domain.encode('idna').decode()}"
        validate_email(canonical)
    except (ValidationError, UnicodeError):
        return ""
    return canonical if len(canonical) <= 254 else ""


def _not_an_address(typed: str) -> str:
    return _(
        "“%(typed)s” is not an email address. Nothing was saved. Write addresses with commas between them."
    ) % {"typed": typed[:80]}
