"""When all is calm: is everything there exactly once, equal on both sides, and explained? Nothing else counts.

The end-state half of the simulation's oracle (tests/simulation, I1 to I4), over real rows and real records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tandem.reminders.models import Reminder
from tandem.sync.fields import FieldMap, canonical
from tandem.sync.models import Conflict, Link
from tests.scale.people import Item
from tests.scale.processes import ServedOrg

Task = dict[str, Any] | None
# One side was edited, the other deleted: the edit is kept, and the link closed.
_KEPT = ("detached", "kept_remote")


def complaints(items: Sequence[Item], orgs: Sequence[ServedOrg]) -> list[str]:
    """What is not as it should be, in words; empty when every promise is kept."""
    tasks = {org.url: org.tasks() for org in orgs}
    twins = Counter(task["Subject"] for found in tasks.values() for task in found)
    twins_here = Counter(Reminder.objects.values_list("name", flat=True))
    said = [f"{name}: {count} records in Salesforce" for name, count in twins.items() if count > 1]
    said += [f"{name}: {count} reminders" for name, count in twins_here.items() if count > 1]
    links = {link.reminder_id: link for link in Link.objects.select_related("org")}
    rows = {row.name: row for row in Reminder.objects.all()}
    lost: dict[int, set[str]] = {}
    for link_id, value in Conflict.objects.values_list("link_id", "value"):
        lost.setdefault(link_id, set()).add(value)
    for item in items:
        row = rows.get(item.name)
        link = links.get(row.pk) if row is not None else None
        task = next((task for task in tasks[item.org.url] if task["Subject"] == item.name), None)
        named = lost.get(link.pk, set()) if link is not None else set()
        said += [
            f"{item.name}: {what}"
            for what in (*_ties(row, link, task), *_values(item, row, link, task, named))
        ]
    return said


def _ties(row: Reminder | None, link: Link | None, task: Task) -> Iterator[str]:
    """Is it tied once, to the right record, and at rest?"""
    here, there = _lives(row, task)
    if link is None:
        # Fine when it was deleted before it travelled, by the only people who knew it.
        if here or there:
            yield "one side lives, and there is no link"
        return
    if link.intent_op is not None:
        yield f"an intent is open ({link.intent_op})"
    if link.stale:
        yield "it has to be read again"
    if link.parked:
        yield f"it is parked: {link.error_code}"
    if link.sf_id != (task["Id"] if task is not None else None):
        yield f"it is linked to {link.sf_id}, and the record is {task and task['Id']}"
    if here and there and link.closed is not None:
        yield f"both sides live, and the link is closed: {link.closed}"
    if here != there and link.closed not in _KEPT:
        yield f"one side lives ({'here' if here else 'there'}), and the link is {link.closed or 'open'}"
    if not here and not there and link.closed is None:
        yield "both sides are deleted, and the link is open"


def _values(
    item: Item, row: Reminder | None, link: Link | None, task: Task, named: set[str]
) -> Iterator[str]:
    """Is every value there, or named among the conflicts, and the same on both sides?"""
    here, there = _lives(row, task)
    if row is not None and task is not None and link is not None and here and there:
        yield from _apart(link, row, task)
    shown = {row.details} if row is not None and here else set()
    shown |= {task["Description"] or ""} if task is not None and there else set()
    for head in item.graph.heads():
        if head not in shown | named:
            yield f"{head!r} is nowhere, and nobody replaced it knowingly"
    if link is not None and link.closed in _KEPT and named:
        return  # kept on one side by rule, with its conflict (R5)
    for value in shown & item.graph.replaced:
        yield f"it ends on {value!r}, which somebody replaced"
    for value in shown & item.graph.killed:
        yield f"it lives with {value!r}, which somebody deleted"


def _lives(row: Reminder | None, task: Task) -> tuple[bool, bool]:
    return row is not None and row.deleted_at is None, task is not None and not task["IsDeleted"]


def _apart(link: Link, row: Reminder, task: dict[str, Any]) -> Iterator[str]:
    org = link.org
    fields = FieldMap(org.sync.subject_template, frozenset(org.statuses))
    theirs = canonical(
        {
            "name": task["Subject"],
            "status": task["Status"],
            "priority": task["Priority"],
            "due": task["ActivityDate"] or "",
            "details": task["Description"],
        }
    )
    ours = {
        "name": row.name,
        "status": row.status,
        "priority": row.priority,
        "due": row.due.isoformat() if row.due else "",
        "details": row.details,
    }
    for name, value in theirs.items():
        if not fields.agree(name, ours[name], value, closed=task["IsClosed"]):
            yield f"{name} is {ours[name]!r} here and {value!r} there"
