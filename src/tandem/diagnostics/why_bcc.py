"""What became of the copy that went to Salesforce by BCC? Seen there, seen nowhere, or not even sent, and what to do.

The rules are tandem.bcc's and tandem.emails'; here they become sentences, beside those of diagnostics.why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tandem.bcc.models import Filing
from tandem.connections.models import Connection
from tandem.diagnostics.told import Place, PlaceState, Text, Told
from tandem.emails.models import Email, SecondEnvelope, Source

State, Outcome = SecondEnvelope.State, Filing.Outcome
_WHY_NOT_SEEN: Sequence[Promise] = (
    gettext_lazy(
        "Nobody in To or Cc is a lead or contact with that very address; whoever is in Bcc never counts."
    ),
    gettext_lazy(
        "“If no matching records are found” is not ticked under My Email to Salesforce, or the domain is among the excluded ones."
    ),
    gettext_lazy(
        "The address you send from is not among “My Acceptable Email Addresses”; then a bounce comes as well."
    ),
    gettext_lazy("Salesforce is late. Tandem looks again for a day."),
)
_LOOKS_LOGGED = gettext_lazy(
    "It looks like it was logged on %(records)s, by Email to Salesforce: what is there has its subject, its owner and its time."
)
_LOOKS_UNRESOLVED = gettext_lazy(
    "It looks like it waits in My Unresolved Items: what is there has its subject, its owner and its time."
)
_LOOK_THERE = gettext_lazy(
    "Its text and its people do not say for certain that it is this email, and not one like it. Look there; if it is another one, send the copy again."
)
_LOOK_THERE_ONLY = gettext_lazy(
    "Its text and its people do not say for certain that it is this email, and not one like it. Look there; if it is another one, log it in Salesforce by hand: its text is not kept any more."
)


def told_of_copies(emails: Iterable[Email]) -> dict[int, Told]:
    """What can be told of the copy of each email that has one, by the email's id."""
    asked = {email.pk: email.member_id for email in emails}
    found = SecondEnvelope.objects.filter(pk__in=asked).select_related("filing", "email")
    envelopes = {each.pk: each for each in found}
    pages = _salesforce_of({asked[pk] for pk in envelopes}) if envelopes else {}
    kept = (
        set(Source.objects.filter(email__in=envelopes).values_list("email", flat=True))
        if envelopes
        else set()
    )
    told = {pk: _told(each, *pages.get(asked[pk], ("", False))) for pk, each in envelopes.items()}
    # Without its bytes nobody can send it again.
    return {pk: each if pk in kept else _for_good(each) for pk, each in told.items()}


def _for_good(told: Told) -> Told:
    """Nobody can send this copy again, so no sentence may ask for it."""
    why = [_LOOK_THERE_ONLY if each is _LOOK_THERE else each for each in told.why]
    return replace(told, why=why, may_copy_again=False)


def _salesforce_of(members: Iterable[int]) -> dict[int, tuple[str, bool]]:
    """Where each member opens Salesforce in a browser, and whether it can be asked."""
    rows = Connection.objects.filter(member__in=members).exclude(state=Connection.State.DISCONNECTED)
    return {
        row["member_id"]: (
            row["instance_url"],
            row["state"] == Connection.State.CONNECTED and not row["trouble_code"],
        )
        for row in rows.values("member_id", "instance_url", "state", "trouble_code")
    }


def _told(envelope: SecondEnvelope, instance: str, api: bool) -> Told:
    match envelope.state:
        case State.OWED:
            words, tone = (_("Needs you"), "orange") if envelope.refusals else (_("Waiting"), "blue")
            return Told("open", words, tone, _waiting(envelope), may_copy_again=bool(envelope.trouble))
        case State.FAILED:
            return Told("open", _("Needs you"), "orange", _trouble(envelope), may_copy_again=True)
        case State.OFF:
            off = _("Email to Salesforce was switched off before the copy went out.")
            words = off if envelope.email.log else _("Its writer said: do not log this one.")
            return Told("left-out", _("Left out"), "secondary", [words])
    filing = getattr(envelope, "filing", None)
    known = filing if filing is not None and filing.sent_at == envelope.sent_at else None
    if known is not None and known.outcome in (Outcome.LOGGED, Outcome.UNRESOLVED):
        return _seen(known, instance)
    if envelope.state == State.DOUBT:
        return Told("open", _("Unknown"), "orange", _doubt(api), may_copy_again=True)
    if known is not None and known.outcome == Outcome.NOT_SEEN:
        said = _(
            "The copy was handed to Salesforce %(when)s and was not seen there after 30 minutes. This is why that happens:"
        ) % {"when": _moment(envelope.sent_at)}
        return Told("open", _("Not seen"), "orange", [said, *_WHY_NOT_SEEN], may_copy_again=True)
    return _handed_over(envelope, api and (known is None or known.next_look_at is not None))


def _handed_over(envelope: SecondEnvelope, looks: bool) -> Told:
    said = _("A copy was handed to Salesforce %(when)s, by Email to Salesforce.") % {
        "when": _moment(envelope.sent_at)
    }
    then = (
        _("Tandem looks what Salesforce makes of it.")
        if looks
        else _("What Salesforce made of it can be seen there; without the API Tandem cannot look.")
    )
    return Told("open", _("Handed to Salesforce"), "blue" if looks else "secondary", [said, then])


def _seen(filing: Filing, instance: str) -> Told:
    records = [record for record in filing.records if record["id"]]
    if not records:
        return _unresolved(filing, instance)
    places = [_place(each, filing, instance) for each in records]
    if not filing.sure:
        return _looks_like(_("Looks logged"), _LOOKS_LOGGED % {"records": named(records)}, places)
    said = _("Logged on %(records)s, by Email to Salesforce.") % {"records": named(records)}
    return Told("logged", _("In Salesforce"), "green", [said], places)


def _unresolved(filing: Filing, instance: str) -> Told:
    places = [_place({**each, "name": _("My Unresolved Items")}, filing, instance) for each in filing.records]
    if not filing.sure:
        return _looks_like(_("Looks unresolved"), _LOOKS_UNRESOLVED, places)
    said = _(
        "Salesforce knows nobody in To or Cc by this address, so the email waits in My Unresolved Items. Assign it there."
    )
    return Told("held", _("In My Unresolved Items"), "orange", [said], places)


def _looks_like(words: Text, said: Text, places: Sequence[Place]) -> Told:
    """What was found may be another email: nothing is claimed, and a person may look, or send the copy again."""
    return Told("open", words, "blue", [said, _LOOK_THERE], places, may_copy_again=True)


def named(records: Sequence[Mapping[str, Any]]) -> str:
    """“Jan de Vries, Mara Smit and 2 opportunities”: people by name, opportunities and accounts by their number."""
    people = [str(each["name"] or each["id"]) for each in records if each["id"].startswith(("003", "00Q"))]
    deals = sum(each["id"].startswith("006") for each in records)
    others = len(records) - len(people) - deals
    counted = []
    if deals:
        counted.append(ngettext("%(count)s opportunity", "%(count)s opportunities", deals) % {"count": deals})
    if others:
        counted.append(ngettext("%(count)s account", "%(count)s accounts", others) % {"count": others})
    *firsts, last = [*people, *counted]
    return _("%(records)s and %(last)s") % {"records": ", ".join(firsts), "last": last} if firsts else last


def _place(record: Mapping[str, Any], filing: Filing, instance: str) -> Place:
    state: PlaceState = "logged" if filing.sure else "waiting"
    return Place(
        record=record["id"],
        name=str(record["name"] or record["id"]),
        url=f"{instance}/{record['id']}" if instance and record["id"] else "",
        state=state,
        words=_("In Salesforce") if filing.sure else _("looks like it"),
        task=record["task"],
        task_url=f"{instance}/{record['task']}" if instance else "",
        at=filing.seen_at,
    )


def _waiting(envelope: SecondEnvelope) -> list[Text]:
    if not envelope.trouble:
        return [_("The copy for Salesforce goes out in a moment.")]
    again = _("It is tried again %(when)s by itself.") % {"when": _moment(envelope.not_before)}
    return [*_trouble(envelope), again]


def _trouble(envelope: SecondEnvelope) -> list[Text]:
    said = [_("The mail server said: “%(words)s”") % {"words": envelope.said}] if envelope.said else []
    return [envelope.trouble, *said]


def _doubt(api: bool) -> list[Text]:
    said = _(
        "The connection ended after the copy was handed over, so nobody knows whether Salesforce has it."
    )
    then = (
        _("Tandem looks for it there for half an hour, and sends it again if it is not there.")
        if api
        else _("Look there; if it is not there, send the copy again.")
    )
    return [said, then]


def _moment(at: datetime | None) -> str:
    return (
        formats.date_format(at.astimezone(timezone.get_current_timezone()), "DATETIME_FORMAT")
        if at is not None
        else ""
    )
