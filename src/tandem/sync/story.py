"""What happened to each pair, in the order in which it happened? Kept for people to read, decides nothing.

The store tells it what goes by; it is written with the rows of the same transaction, in one statement, so that a story
never tells of what was rolled back and costs a round next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tandem import clock
from tandem.sync import models
from tandem.sync.pair import Intent, Link, Ours, Values

What = models.Event.What
#: A value in a story is read on a page, beside the one before it; whole ones stand in the Reminder and the conflicts.
LONGEST_VALUE = 300


class Story:
    """What one transaction has to tell."""

    def __init__(self) -> None:
        self._of_links: list[models.Event] = []
        self._of_reminders: list[tuple[int, models.Event]] = []
        #: The writes that this round has out, by link.
        self._open: dict[int, Intent] = {}

    @contextmanager
    def of_one_transaction(self) -> Iterator[None]:
        """What was told in it and not written by its end, did not happen."""
        try:
            yield
        finally:
            self._of_links, self._of_reminders = [], []

    def came(self, reminder: int) -> None:
        """A Task became this Reminder."""
        self._of_reminders.append((reminder, models.Event(what=What.CAME)))

    def taken_over(self, ours: Ours, values: Values, deleted: bool | None) -> None:
        """A change, a delete or an un-delete in Salesforce was written to our side."""
        what = What.CHANGED if deleted is None else What.REMOVED if deleted else What.RESTORED
        if values or deleted is not None:
            moved = {name: _two(ours.values[name], value) for name, value in values.items()}
            self._of_reminders.append((ours.id, models.Event(what=what, values=moved)))

    def write_of(self, link: Link, intent: Intent | None) -> None:
        """A write was opened or taken over (by this very round, which alone settles it), got its answer, or is in doubt."""
        if intent is None:
            self._answered(link, self._open.pop(link.id, None))
            return
        self._open[link.id] = intent
        if intent.attempts > 1:
            return  # the same thing, sent again
        if intent.in_flight:
            base = link.base.app if link.base and intent.op == "update" else {}
            sent = {name: _two(base.get(name, ""), value) for name, value in intent.carried.app.items()}
            self._tell(link, What.SENT, op=intent.op, values=sent)
        else:
            self._tell(link, What.DOUBT, op=intent.op, code=link.error_code, text=link.error_text)

    def _answered(self, link: Link, sent: Intent | None) -> None:
        if sent is None:
            return
        what = What.LANDED if _landed(link, sent) else What.REFUSED
        stamp = link.seen.stamp if link.seen and what == What.LANDED else None
        self._tell(link, what, op=sent.op, stamp=stamp, code=link.error_code, text=link.error_text)

    def _tell(self, link: Link, what: str, **more: Any) -> None:
        self._of_links.append(models.Event(link_id=link.id, what=what, **more))

    def write(self) -> None:
        """Keep what was told."""
        links = {
            link.reminder_id: link
            for link in models.Link.objects.filter(
                reminder__in=[reminder for reminder, _event in self._of_reminders]
            ).only("reminder", "seen_stamp")
        }
        for reminder, event in self._of_reminders:
            tie = links.get(reminder)
            if tie is not None:
                event.link, event.stamp = tie, tie.seen_stamp
                self._of_links.append(event)
        now = clock.now()
        for event in self._of_links:
            event.at = now
        models.Event.objects.bulk_create(self._of_links)
        self._of_links, self._of_reminders = [], []


def _landed(link: Link, sent: Intent) -> bool:
    """Does Salesforce have what was sent? The link after its answer says so (docs/engine.md §2.3)."""
    if sent.op == "create":
        return link.sf_id is not None
    if sent.op == "delete":
        return link.closed == "deleted"
    agreed = link.base.sf if link.base else {}
    return all(agreed.get(name) == value for name, value in sent.carried.sf.items())


def _two(before: str, after: str) -> list[str]:
    return [before[:LONGEST_VALUE], after[:LONGEST_VALUE]]
