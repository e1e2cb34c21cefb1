"""Is this org ready for Tandem? Each line passes, warns or fails, with its fix. Pure judgement on what was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tandem.connections.checkup_lines import Grade, Line
from tandem.connections.checkup_task import judge_task
from tandem.connections.explanations import explained
from tandem.connections.troubles import TROUBLES
from tandem.encryption import KeyTrouble
from tandem.salesforce import Description

#: Seconds. Salesforce tells whole seconds; a minute's difference would show in what people read, not in what is synced.
CLOCK_TOLERANCE = 60
LOW_CALLS = 0.1
# As the reader's language writes it.
_number = lazy(partial(number_format, force_grouping=True), str)


@dataclass(frozen=True)
class Seen:
    """What the org said. `clock_ahead` in seconds; `calls` as (allowed, left); `task` None when nobody may see it.

    mailbox: None while none is watched for the member, else why it could not be read last ("" when it could).
    """

    edition: str
    task: Description | None
    shared_activities: bool
    clock_ahead: float
    calls: tuple[int, int] | None
    mailbox: str | None


def judge(seen: Seen) -> list[Line]:
    """Every line, in the order in which they should be mended."""
    return [
        _edition(seen),
        *judge_task(seen.task),
        _shared_activities(seen),
        _clock(seen),
        _calls(seen),
        _replies(seen),
    ]


def no_answer(code: str, said: str) -> Line:
    """The only line when the org could not be asked at all."""
    if code == "API_DISABLED_FOR_ORG":
        trouble = TROUBLES["api-disabled"]
        return Line("edition", _("Edition and API"), Grade.FAIL, trouble.happened, trouble.steps)
    if code == "DISCONNECTED":
        return Line(
            "sign-in", _("Sign-in"), Grade.FAIL, _("Not connected to Salesforce."), (_("Connect first."),)
        )
    why = explained(code, said)
    found = format_lazy("{} {}", why.happened, why.means)
    return Line("sign-in", _("Sign-in"), Grade.FAIL, found, (why.do,) if why.do else (), why.said)


def unreadable(trouble: KeyTrouble) -> Line:
    """The only line when our own keys do not open what is stored of the sign-in."""
    return Line("sign-in", _("Sign-in"), Grade.FAIL, trouble.sentence)


def worst(lines: Iterable[Line]) -> Grade:
    """The grade of the whole check."""
    order = [Grade.PASS, Grade.WARN, Grade.FAIL]
    return max((line.grade for line in lines), key=order.index, default=Grade.PASS)


def _edition(seen: Seen) -> Line:
    found = format_lazy(_("{edition}; its API answers."), edition=seen.edition or _("Unknown edition"))
    return Line("edition", _("Edition and API"), Grade.PASS, found)


def _shared_activities(seen: Seen) -> Line:
    found = (
        _(
            "On: a task may have up to 50 contacts. Tandem reads and writes the first one and leaves the others alone."
        )
        if seen.shared_activities
        else _("Off: a task has one contact or lead, which is all that Tandem needs.")
    )
    return Line("shared", _("Shared Activities"), Grade.PASS, found)


def _clock(seen: Seen) -> Line:
    title, seconds = _("Clocks"), round(abs(seen.clock_ahead))
    if seconds <= CLOCK_TOLERANCE:
        return Line("clock", title, Grade.PASS, format_lazy(_("{n} s apart."), n=str(seconds)))
    way = _("ahead of") if seen.clock_ahead > 0 else _("behind")
    return Line(
        "clock",
        title,
        Grade.WARN,
        format_lazy(
            _(
                "This server's clock is {n} s {way} Salesforce's. What is synced goes by Salesforce's clock; the times shown here are wrong."
            ),
            n=str(seconds),
            way=way,
        ),
        (_("Let the server set its clock by the network (NTP)."),),
    )


def _calls(seen: Seen) -> Line:
    title = _("API calls left")
    if seen.calls is None:
        return Line("calls", title, Grade.WARN, _("Salesforce did not tell how many API calls are left."))
    allowed, left = seen.calls
    found = format_lazy(
        _("{left} of {allowed} in the last 24 hours."), left=_number(left), allowed=_number(allowed)
    )
    if left <= 0:
        grade = Grade.FAIL
    elif left < allowed * LOW_CALLS:
        grade = Grade.WARN
    else:
        return Line("calls", title, Grade.PASS, found)
    return Line(
        "calls",
        title,
        grade,
        found,
        (
            _("What waits is kept and goes on when calls are free again."),
            _(
                "Setup → Company Information shows who may use how many; slow another integration down, or buy more."
            ),
        ),
    )


def _replies(seen: Seen) -> Line:
    """CN-6: replies are seen where the mailbox is watched, and logged where calls are free."""
    title = _("Replies")
    if seen.mailbox is None:
        return Line(
            "replies",
            title,
            Grade.WARN,
            _("No mailbox is watched for you, so Tandem sees no replies and can log none."),
            (_("To have replies logged, name your incoming mail server (IMAP) under My Account › Email."),),
        )
    if seen.mailbox:
        found = format_lazy(_("The mailbox could not be read last time: {why}"), why=seen.mailbox)
        fix = _(
            "“Try it” under My Account › Email tries each step. Replies that arrive meanwhile are found later."
        )
        return Line("replies", title, Grade.FAIL, found, (fix,))
    if seen.calls is not None and seen.calls[1] <= 0:
        return Line(
            "replies",
            title,
            Grade.FAIL,
            _("Replies are seen, but no API call is left to log them with."),
            (_("They are kept, and logged when calls are free again."),),
        )
    if seen.calls is None:
        found = _(
            "Your mailbox is watched. Salesforce did not tell how many API calls are left to log replies with."
        )
        return Line("replies", title, Grade.WARN, found)
    return Line(
        "replies", title, Grade.PASS, _("Your mailbox is watched, and calls are free to log replies with.")
    )
