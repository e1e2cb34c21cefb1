"""Which Tasks did an email become, and how long does one look? Pure (docs/salesforce.md §5).

Salesforce files a copy within seconds or minutes and tells nobody. What it made bears the email's subject, belongs to its
sender, and is younger than it; whose text it holds and whom it is about tell emails with the same subject apart.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tandem.bcc.ports import Task

#: Looks after the copy went out, ever further apart. After NOT_SEEN_AFTER it counts as not seen, until one finds it late.
LOOKS = (
    timedelta(seconds=15),
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30)),
    *(timedelta(hours=hours) for hours in (2, 8, 24)),
)
NOT_SEEN_AFTER = timedelta(minutes=30)
#: Our clock and Salesforce's may differ by so much.
CLOCKS_DIFFER = timedelta(minutes=2)
_PREFIX = "email:"
_SUBJECT_LENGTH = 255
_TEXT_COMPARED = 200

Outcome = Literal["", "logged", "unresolved", "not-seen"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A copy that went out. owner: the sender's Salesforce user id. addresses: of To and Cc, in lower case."""

    id: int
    owner: str
    subject: str
    text: str
    addresses: frozenset[str]
    sent_at: datetime


def next_look(sent_at: datetime, now: datetime) -> datetime | None:
    """When to look next; None when no more."""
    return next((sent_at + wait for wait in LOOKS if sent_at + wait > now), None)


def outcome(found: Sequence[Task], sent_at: datetime, now: datetime) -> Outcome:
    """What is known of a copy now, after a look that found these Tasks."""
    if any(task.who or task.what for task in found):
        return "logged"
    if found:
        return "unresolved"
    return "not-seen" if now >= sent_at + NOT_SEEN_AFTER else ""


def pair(sent: Sequence[Sent], tasks: Sequence[Task], taken: Collection[str] = ()) -> dict[int, list[Task]]:
    """Which Tasks each copy became, by its id; copies without any are left out. taken: Tasks that are another email's.

    Of several copies that a Task may come from it is the likeliest one's, then one's that is not filed on its record yet,
    then that of the Task before: what one email becomes is made in a row.
    """
    pairs: dict[int, list[Task]] = {}
    last = 0
    for task in sorted(tasks, key=lambda task: (task.created, task.id)):
        able = [one for one in sent if task.id not in taken and _may_be(one, task)]
        if able:
            best = max(able, key=lambda one: _rank(one, task, pairs.get(one.id, ()), last))
            pairs.setdefault(best.id, []).append(task)
            last = best.id
    return pairs


def _rank(one: Sent, task: Task, has: Sequence[Task], last: int) -> tuple[int, bool, bool, float, int]:
    here = any((each.who, each.what) == (task.who, task.what) for each in has)
    return _likeness(one, task), not here, one.id == last, -one.sent_at.timestamp(), -one.id


def _may_be(one: Sent, task: Task) -> bool:
    return (
        task.owner == one.owner
        and task.created >= one.sent_at - CLOCKS_DIFFER
        and _bare(task.subject) in (_bare(one.subject), _bare(f"Email: {one.subject}"[:_SUBJECT_LENGTH]))
    )


def _likeness(one: Sent, task: Task) -> int:
    begin = _plain(one.text)[:_TEXT_COMPARED]
    same_text = bool(begin) and begin in _plain(task.text)
    return same_text + (task.who_email in one.addresses)


def _bare(subject: str) -> str:
    plain = _plain(subject[:_SUBJECT_LENGTH])
    return plain.removeprefix(_PREFIX).strip()


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
