"""Which lines tell the story of one task, in which words? Created here, sent, Salesforce's id, changed there, merged.

The rows are sync's; here they become sentences (P6, P12). What a person has to decide is a line like the others, with both
versions side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tandem.connections.explanations import explained
from tandem.reminders.models import Reminder
from tandem.sync.fields import FieldMap
from tandem.sync.models import Conflict, Event, Link
from tandem.sync.versions import Versions, versions

Text = str | Promise
What = Event.What

FIELD_NAMES: Mapping[str, Promise] = {
    "name": gettext_lazy("Task"),
    "status": pgettext_lazy("field of a task", "Status"),
    "priority": gettext_lazy("Priority"),
    "due": gettext_lazy("Due"),
    "details": gettext_lazy("Details"),
}
_SENT: Mapping[str, Promise] = {
    "create": gettext_lazy("Sent to Salesforce"),
    "update": gettext_lazy("Change sent to Salesforce"),
    "delete": gettext_lazy("Delete sent to Salesforce"),
}
_LANDED: Mapping[str, Promise] = {
    "create": gettext_lazy("In Salesforce"),
    "update": gettext_lazy("Salesforce has the change"),
    "delete": gettext_lazy("Deleted in Salesforce too"),
}
_FROM_THERE: Mapping[str, Promise] = {
    What.CAME: gettext_lazy("Came in from Salesforce"),
    What.CHANGED: gettext_lazy("Changed in Salesforce, and taken over here"),
    What.REMOVED: gettext_lazy("Deleted in Salesforce, and so here"),
    What.RESTORED: gettext_lazy("Brought back in Salesforce, and so here"),
}
_DOUBT = gettext_lazy("No clear answer yet: nothing is sent twice, it is looked for first")
_NOT_YET = gettext_lazy("It did not go through this time, and is looked at again")
_WHY: Mapping[str, Promise] = {
    "Salesforce wins": gettext_lazy(
        "Both sides changed it in the meantime, so Salesforce's version was taken."
    ),
    "done beats open": gettext_lazy("One side had completed it, and done beats open."),
    "the subject template was one way when it was written": gettext_lazy(
        "It was written while the subject template was one way, so the other side never saw it."
    ),
}
_WHY_ELSE = gettext_lazy(
    "Both sides changed it in the meantime, and Salesforce's value has no word in Tandem, so yours was sent."
)
_ONE_SIDE_DELETED = gettext_lazy(
    "One side deleted it while the other changed it: an edit is never destroyed by a delete."
)


#: Things that happened, on one page.
MOST = 200


@dataclass(frozen=True)
class Changed:
    """One field, before and after, as people read it."""

    field: Text
    before: str
    after: str


@dataclass(frozen=True)
class Choice:
    """Two versions of one value. stands, kept: "ours", "theirs"; kept is "" while nobody chose.

    may_keep_theirs: Salesforce's value has a word here, so that it can be put back.
    """

    id: int
    field: Text
    ours: str
    theirs: str
    stands: str
    kept: str
    may_keep_theirs: bool


@dataclass(frozen=True)
class Line:
    """One thing that happened. at: by our clock. there: when it was changed in Salesforce, by its clock."""

    at: datetime
    words: Text
    tone: str = "secondary"
    why: Text = ""
    changes: Sequence[Changed] = ()
    there: datetime | None = None
    task: str = ""
    choice: Choice | None = None
    #: A conflict without two versions, to be marked as seen: its id, and whose side stands.
    to_see: int = 0
    stands: str = ""


def story(reminder: Reminder, link: Link | None, template: str) -> list[Line]:
    """The lines of one task, the first thing that happened first; of a long life, the last of them."""
    if link is None:
        return [_began(reminder, None, [])]
    events = list(reversed(link.events.order_by("-pk")[:MOST]))
    conflicts = list(reversed(link.conflicts.order_by("-pk")[:MOST]))
    fields = FieldMap(template)
    lines = [_line(event, link) for event in events if event.what != What.CAME]
    lines += [_of_conflict(conflict, versions(conflict, fields)) for conflict in conflicts]
    told = sorted(lines, key=lambda line: line.at)
    return [_began(reminder, link, events), *_left_out(link, events, told), *told]


def open_choices(lines: Iterable[Line]) -> int:
    """How many of them wait for a person."""
    return sum(1 for line in lines if line.to_see or (line.choice is not None and not line.choice.kept))


def shown(field: str, value: str) -> str:
    """A value of ours or Salesforce's, as people read it; "–" for none."""
    if field == "status":
        return str(dict(Reminder.Status.choices).get(value, value)) or "–"
    if field == "priority":
        return str(dict(Reminder.Priority.choices).get(value, value)) or "–"
    if field == "due" and value:
        try:
            return formats.date_format(date.fromisoformat(value), "j F Y")
        except ValueError:
            return value
    return value or "–"


def _began(reminder: Reminder, link: Link | None, events: Sequence[Event]) -> Line:
    from_there = link is not None and link.sf_id is not None and link.created_app is None
    came = next((event for event in events if event.what == What.CAME), None)
    if link is not None and (from_there or came):
        stamp = came.stamp if came else None
        return Line(reminder.created_at, _FROM_THERE[What.CAME], "green", there=stamp, task=link.sf_id or "")
    return Line(reminder.created_at, _("Created here"))


def _left_out(link: Link, events: Sequence[Event], told: Sequence[Line]) -> list[Line]:
    """Says so where the story does not begin with its beginning: a page shows MOST lines, and sync.story_kept ends old ones."""
    if link.sf_id is None or not events or events[0].what == What.CAME or events[0].op == "create":
        return []
    return [
        Line(told[0].at if told else events[0].at, _("Some of what happened since is not shown any more."))
    ]


def _line(event: Event, link: Link) -> Line:
    changes = [] if event.op == "create" else _changes(event.values)
    if event.what == What.SENT:
        return Line(event.at, _SENT[event.op], "blue", changes=changes)
    if event.what == What.LANDED:
        task = link.sf_id or "" if event.op == "create" else ""
        return Line(event.at, _LANDED[event.op], "green", task=task)
    if event.what in (What.REFUSED, What.DOUBT):
        why = str(explained(event.code, event.text)) if event.code else ""
        if event.what == What.DOUBT:
            return Line(event.at, _DOUBT, "orange", why)
        return Line(event.at, _("Salesforce refused it") if why else _NOT_YET, "orange", why)
    return Line(event.at, _FROM_THERE[event.what], "green", changes=changes, there=event.stamp)


def _changes(values: Mapping[str, Sequence[str]]) -> list[Changed]:
    return [
        Changed(FIELD_NAMES[name], shown(name, before), shown(name, after))
        for name, (before, after) in values.items()
        if name in FIELD_NAMES
    ]


def _of_conflict(conflict: Conflict, both: Versions | None) -> Line:
    if both is None:
        seen = 0 if conflict.kept else conflict.pk
        changes = _changes({conflict.field: [conflict.value, conflict.won]})
        return Line(
            conflict.at,
            _("Deleted on one side, changed on the other"),
            "orange",
            _ONE_SIDE_DELETED,
            changes,
            to_see=seen,
            stands="theirs" if conflict.side == "tandem" else "ours",
        )
    choice = Choice(
        conflict.pk,
        FIELD_NAMES[both.field],
        shown(both.field, both.ours),
        shown(both.field, both.theirs),
        both.stands,
        conflict.kept,
        both.theirs_here is not None,
    )
    tone = "green" if conflict.kept else "orange"
    return Line(
        conflict.at, _("Changed on both sides"), tone, _WHY.get(conflict.rule, _WHY_ELSE), choice=choice
    )
