"""Why is an email or call in Salesforce, or why not? Logged where, by which rule, at which cost (P12, P13).

The rules' own words are sync.activity's; here they become sentences. Pages and the API tell the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from tandem.calls.models import Call
from tandem.connections.models import Connection
from tandem.diagnostics.told import Place, PlaceState, Text, Told, Verdict
from tandem.diagnostics.why_bcc import told_of_copies
from tandem.emails.models import Email
from tandem.sync.activity import BEFORE
from tandem.sync.models import Activity, ActivityLink

NOT_LOOKED_AT = Told(
    "not-looked-at",
    _("Not in Salesforce"),
    "secondary",
    [_("Nobody has looked at it for Salesforce yet: that takes a connection with logging switched on.")],
)
WAITS = Told(
    "not-looked-at", _("Waiting"), "blue", [_("It is looked at in the next round, within a minute or so.")]
)
KEPT_OUT = Told("not-looked-at", _("Left out"), "secondary", [_("Its writer said: do not log this one.")])

_PLACES: Mapping[PlaceState, Text] = {
    "waiting": _("Sending…"),
    "logged": _("In Salesforce"),
    "needs-you": _("Needs you"),
    "left-out": _("Left out"),
}
#: (what was said of an address, the rule) -> the sentence; see tandem.people.matching and tandem.sync.activity.
_SENTENCES: Mapping[tuple[str, str], Text] = {
    ("log", "one record"): _("{address}: logged on {records}, the one record with this address."),
    ("log", "several: all"): _(
        "{address}: several records have this address. Your rule says all of them: {records}."
    ),
    ("log", "several: oldest"): _(
        "{address}: several records have this address. Your rule says the oldest: {records}."
    ),
    ("log", "several: most-activity"): _(
        "{address}: several records have this address. Your rule says the one with the most activity: {records}."
    ),
    ("log", "chosen"): _("{address}: a person chose {records}."),
    ("log", "as the email it answers"): _("Logged where the email that it answers is logged: {records}."),
    ("hold", "nobody: hold"): _(
        "{address}: nobody in Salesforce has this address, so it is held for review."
    ),
    ("hold", "the chosen record is gone"): _(
        "{address}: the record that was chosen is not there any more, so it is held for review."
    ),
    ("hold", "the new record was refused"): _(
        "{address}: Salesforce refused the new record, so it is held for review. It said: {text}"
    ),
    ("skip", "nobody: skip"): _(
        "{address}: nobody in Salesforce has this address. Your rule says to skip it."
    ),
    ("excluded", "excluded"): _("{address}: your team ignores this address or its domain."),
    ("colleague", "a user of your Salesforce org"): _(
        "{address}: a colleague, who is a user of your Salesforce org."
    ),
    ("own", "an address of your own team"): _("{address}: a colleague of your own team."),
    ("switched-off", "logging to this kind of record is off"): _(
        "{address}: found as {records}, but logging to this kind of record is switched off."
    ),
    ("left-out", "its writer said: do not log"): _("Its writer said: do not log this one."),
    ("left-out", "logging is off: email"): _("Logging emails was switched off."),
    ("left-out", "logging is off: reply"): _("Logging replies was switched off."),
    ("left-out", "logging is off: call"): _("Logging calls was switched off."),
    ("left-out", BEFORE): _("It happened before logging was switched on."),
    ("left-out", "sent by BCC, which logs it"): _(
        "It went to Salesforce by BCC already, which logs it there."
    ),
}
#: sync.services.leave_out: “by Anna Bos”.
_BY = "by "


def told_of_emails(emails: Iterable[Email]) -> dict[int, Told]:
    """What can be told of each email, by its id."""
    listed = list(emails)
    found = {each.email_id: each for each in _with_links(Activity.objects.filter(email__in=listed))}
    told = _told_of(found.values())
    copies = told_of_copies(listed)
    return {
        email.pk: _together(told[found[email.pk].pk] if email.pk in found else None, copies.get(email.pk))
        or _not_yet(email.log, email.news)
        for email in listed
    }


def _together(logged: Told | None, copied: Told | None) -> Told | None:
    """What is told of an email that was logged, copied, or both: what logs it comes first, the other one's words after."""
    if logged is None or copied is None:
        return logged or copied
    first, then = (copied, logged) if logged.verdict == "left-out" else (logged, copied)
    return replace(first, why=[*first.why, *then.why], calls=logged.calls)


def told_of_calls(calls: Iterable[Call]) -> dict[int, Told]:
    """What can be told of each call, by its id."""
    listed = list(calls)
    found = {each.call_id: each for each in _with_links(Activity.objects.filter(call__in=listed))}
    told = _told_of(found.values())
    return {
        call.pk: told[found[call.pk].pk] if call.pk in found else _not_yet(call.log, call.news)
        for call in listed
    }


def sentence(entry: Mapping[str, Any]) -> Text:
    """One entry of Activity.why, for people. A rule that has no sentence yet is told in its own words."""
    said, rule = str(entry.get("said", "")), str(entry.get("rule", ""))
    written = _SENTENCES.get((said, rule))
    address = str(entry.get("address", ""))
    if said == "left-out" and rule.startswith(_BY):
        return str(_("{address}: {who} left it out.")).format(address=address, who=rule.removeprefix(_BY))
    if written is None:
        return f"{address}: {rule or said}" if address else rule or said
    names = ", ".join(_named(record) for record in entry.get("records", ()))
    return str(written).format(address=address, records=names, text=entry.get("text", ""))


def _named(record: Mapping[str, Any]) -> str:
    return str(record.get("name") or record.get("id", ""))


def _not_yet(log: bool, news: bool) -> Told:
    """Of what nobody has decided about."""
    if not log:
        return KEPT_OUT
    return WAITS if news else NOT_LOOKED_AT


def _with_links(activities: Any) -> Iterator[Activity]:
    yield from activities.prefetch_related("links")


def _told_of(activities: Iterable[Activity]) -> dict[int, Told]:
    listed = list(activities)
    pages = _instances(listed)
    return {each.pk: _told(each, pages.get((each.member_id, each.org_id), "")) for each in listed}


def _instances(activities: Iterable[Activity]) -> dict[tuple[int, int], str]:
    """Where each (member, org) opens Salesforce in a browser."""
    rows = Connection.objects.filter(
        member__in={each.member_id for each in activities}, org__in={each.org_id for each in activities}
    )
    return {
        (member, org): url for member, org, url in rows.values_list("member_id", "org_id", "instance_url")
    }


def _told(activity: Activity, instance: str) -> Told:
    places = [_place(link, instance) for link in sorted(activity.links.all(), key=lambda link: link.pk)]
    held = [str(entry["address"]) for entry in activity.why if entry.get("said") == "hold"]
    verdict: Verdict = "left-out" if activity.verdict == "left_out" else activity.verdict  # type: ignore[assignment]
    words, tone = _badge(verdict, {place.state for place in places})
    return Told(
        verdict, words, tone, [sentence(entry) for entry in activity.why], places, activity.calls, held
    )


def _badge(verdict: Verdict, states: set[PlaceState]) -> tuple[Text, str]:
    if "needs-you" in states:
        return _PLACES["needs-you"], "orange"
    if verdict == "held":
        return _("Held for review"), "orange"
    if verdict == "open":
        return _("Waiting"), "blue"
    if verdict == "left-out" or states == {"left-out"}:
        return _PLACES["left-out"], "secondary"
    return (_PLACES["waiting"], "blue") if "waiting" in states else (_PLACES["logged"], "green")


def _place(link: ActivityLink, instance: str) -> Place:
    state: PlaceState = "waiting"
    if link.closed:
        state = "logged" if link.closed == ActivityLink.Closed.LOGGED else "left-out"
    elif link.parked:
        state = "needs-you"
    task = link.sf_id or ""
    return Place(
        record=link.record,
        name=link.record_name or link.record,
        url=f"{instance}/{link.record}" if instance else "",
        state=state,
        words=_PLACES[state],
        task=task,
        task_url=f"{instance}/{task}" if instance and task else "",
        at=link.logged_at,
        trouble=link.error_text if state != "logged" else "",
        code=link.error_code if state != "logged" else "",
    )
