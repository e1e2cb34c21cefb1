"""Which Tasks did an email become, and how long does one look? Pure (docs/salesforce.md §5).

Salesforce files a copy within seconds or minutes and tells nobody. What it made bears the email's subject, belongs to its
sender, and is younger than it; whose text it holds and whom it is about tell emails with the same subject apart. Where they do
not, or where another copy may as well have become it, it looks like the email and is not said to be it: see `sure`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
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
#: A shorter text stands in many a Task by chance: then it must be all that the Task ends with.
_TEXT_TELLS = 20

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
    then that of the Task before: what one email becomes is made in a row, and on each record once. Then the one that went
    out in the minute nearest to it.
    """
    pairs: dict[int, list[Task]] = {}
    last = 0
    for task in sorted(tasks, key=lambda task: (task.created, task.id)):
        able = [
            one
            for one in sent
            if task.id not in taken
            and _may_be(one, task)
            and not _has_better(one, task, pairs.get(one.id, ()))
        ]
        if able:
            best = max(able, key=lambda one: _rank(one, task, pairs.get(one.id, ()), last))
            pairs.setdefault(best.id, []).append(task)
            last = best.id
    by_id = {one.id: one for one in sent}
    return {pk: _of_one_email(by_id[pk], found) for pk, found in pairs.items()}


def sure(one: Sent, found: Sequence[Task], others: Sequence[Sent]) -> bool:
    """Whether these Tasks are this email, and do not only look like it. others: copies that have become nothing so far.

    One of them must hold its text and be about nobody whom it does not name, and may be none of the others'.
    """
    return any(
        _holds(one, task)
        and (not task.who or task.who_email in one.addresses)
        and not any(_rivals(one, other, task) for other in others)
        for task in found
    )


def _rivals(one: Sent, other: Sent, task: Task) -> bool:
    in_time = task.created <= other.sent_at + NOT_SEEN_AFTER
    return in_time and _may_be(other, task) and _likeness(other, task) >= _likeness(one, task)


def _of_one_email(one: Sent, found: list[Task]) -> list[Task]:
    """Beside Tasks that hold its text those without it are somebody else's: all that one email becomes has the same."""
    return [task for task in found if _holds(one, task)] or found


def _has_better(one: Sent, task: Task, has: Sequence[Task]) -> bool:
    """Whether it is filed on that record already, by a Task that is as likely: a second one is another email's."""
    here = [each for each in has if (each.who, each.what) == (task.who, task.what)]
    return any(_likeness(one, each) >= _likeness(one, task) for each in here)


def _rank(one: Sent, task: Task, has: Sequence[Task], last: int) -> tuple[int, bool, bool, int, float, int]:
    here = any((each.who, each.what) == (task.who, task.what) for each in has)
    minutes = abs(task.created - one.sent_at) // timedelta(minutes=1)
    return _likeness(one, task), not here, one.id == last, -minutes, -one.sent_at.timestamp(), -one.id


def _may_be(one: Sent, task: Task) -> bool:
    return (
        task.owner == one.owner
        and task.created >= one.sent_at - CLOCKS_DIFFER
        and _bare(task.subject) in (_bare(one.subject), _bare(f"Email: {one.subject}"[:_SUBJECT_LENGTH]))
    )


def _likeness(one: Sent, task: Task) -> int:
    return _holds(one, task) + (task.who_email in one.addresses)


def _holds(one: Sent, task: Task) -> bool:
    """Whether the Task has the email's text, however its lines were broken."""
    begin = _plain(one.text)[:_TEXT_COMPARED]
    if len(begin) >= _TEXT_TELLS:
        return begin in _plain(task.text)
    written, there = _lines(one.text), _lines(task.text)
    return bool(written) and there[-len(written) :] == written


def _lines(text: str) -> list[str]:
    return [plain for line in text.splitlines() if (plain := _plain(line))]


def _bare(subject: str) -> str:
    plain = _plain(subject[:_SUBJECT_LENGTH])
    return plain.removeprefix(_PREFIX).strip()


@lru_cache(maxsize=4_096)  # every copy is held beside every Task: each text is laid flat once
def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
