"""Did the engine keep its promises? What it is told of a history, and the checks of what it does in Salesforce.

Texts and dates are judged by who knowingly replaced whose (graph.py). Status and priority have few words, so they are
checked step by step instead: against the base, and by their log. After each commit on our side at_commit.py looks, and
at the end at_rest.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from orgbox.records import Record
from tandem.sync.fields import FieldMap
from tandem.sync.pair import FIELDS, Row, Values
from tests.simulation import at_commit, at_rest
from tests.simulation.faults import RENDERED
from tests.simulation.graph import TOKENS, Graph, tokens
from tests.simulation.promises import Violation
from tests.simulation.tables import Change, Reminder

if TYPE_CHECKING:
    from tests.simulation.calls import Write
    from tests.simulation.world import World

# The last answers, which are replayed at the end (I14).
_PAGES = 40


class Oracle:
    """Looks after every transaction, every commit in Salesforce, and at the end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = world.store
        self.graph = Graph()
        self.deleted_once: set[str] = set()
        self.deleted_by_us: set[str] = set()
        self.struck_late: set[str] = (
            set()
        )  # records that a DELETE of before took after somebody brought them back (R8)
        self.restored: set[str] = set()  # records that somebody un-deleted
        self.purged: set[str] = set()  # values whose deletion has no witness any more (R3)
        self.made_unseen: set[int] = (
            set()
        )  # links whose record was hidden before we knew that it was made (R6)
        self.copies: set[str] = set()  # records that a person copied, with our key in them
        self.retold: set[str] = set()  # names of which somebody changed what the template had made of them
        self.linked_once: set[int] = set()  # reminders that ever had a link: a revived one gets a second
        self.risen: set[int] = set()  # links whose task was un-deleted there
        self.unwatched: set[int] = set()  # those of them of whose member sync was off then, or later (R11)
        self.taken_back: set[int] = set()  # deletes taken back while their call was out (R8)
        self.pages: deque[tuple[Sequence[Row], datetime]] = deque(maxlen=_PAGES)

    def fail(self, invariant: str, what: str) -> NoReturn:
        """Stop the history."""
        violation = Violation(invariant, what)
        if self.world.failed is None:
            self.world.failed = violation
            self.world.note(lambda: f"VIOLATION {violation}")
        raise self.world.failed

    @property
    def fields(self) -> FieldMap:
        """The field map of this org."""
        return FieldMap(self.store.team.template, self.store.team.statuses)

    # --- what people do ------------------------------------------------------------------------------------------

    def person_wrote(self, seen: Values, new: Values) -> None:
        """Somebody changed values that they saw."""
        for name in TOKENS:
            # A copy shows what a template once made of a name: nobody's own words.
            if seen[name] != new[name] and not new[name].startswith(RENDERED):
                self.graph.wrote(seen[name], new[name])

    def member_deleted(self, row: Reminder) -> None:
        """A member deleted what they saw."""
        self.graph.killed_here.update(self._tokens_here(row))

    def member_restored(self, row: Reminder) -> None:
        """A member took back a deletion: their own, and Salesforce's too once that was carried out here."""
        self.graph.killed_here.difference_update(tokens(row.values))
        # A Subject of its own may stand, where the task lives; a new task is named by the template again.
        self.graph.chosen_anew.update(set(self._tokens_here(row)).difference(tokens(row.values)))
        link = self.store.links.get(self.store.by_reminder.get(row.id, 0))
        if link is not None and link.closed == "deleted":
            self.graph.chosen_anew.update(tokens(row.values))
        intent = self.store.intents.get(link.id) if link is not None else None
        if intent is not None and intent.op == "delete":
            self.taken_back.add(row.id)

    def user_restored(self, identifier: str, seen: Sequence[str]) -> None:
        """A user in Salesforce un-deleted a record: their own deletion, and ours once that was carried out there."""
        self.graph.killed_there.difference_update(seen)
        self.restored.add(identifier)
        link = self.store.links.get(self.store.by_sf_id.get(identifier, 0))
        if identifier in self.deleted_by_us or (link is not None and link.closed is not None):
            self.graph.chosen_anew.update(seen)
        if link is not None:
            self.risen.add(link.id)
            self.nobody_watches()

    def nobody_watches(self) -> None:
        """A task was un-deleted, or a member has switched sync off: until it is on again nothing of it is read."""
        on = self.store.team.enabled
        self.unwatched |= {link for link in self.risen if self.store.carrier[link] not in on}

    def no_witness(self, record: Record) -> None:
        """Whatever becomes of this record, nothing will tell us in time (R3, R6)."""
        self.purged.update(self._tokens_there(record))
        link = self.store.links.get(self.store.by_key.get(record[self.world.there.key_field], 0))
        if link is not None and link.sf_id is None:
            self.made_unseen.add(link.id)
        self.world.once.hidden(record)

    def _tokens_here(self, row: Reminder) -> list[str]:
        """What a reminder shows of what people wrote; under a template its name stands for the Subject there (TS-4)."""
        link = self.store.links.get(self.store.by_reminder.get(row.id, 0))
        shown = tokens(row.values)
        if link is not None and link.base is not None and not self.world.settings.two_way:
            shown.append(link.base.sf["name"])
        return shown

    def _tokens_there(self, record: Record) -> list[str]:
        """What a record shows of what people wrote: under a template its Subject stands for the name it was made from."""
        row = self.world.there.row(record)
        link = self.store.links.get(self.store.by_sf_id.get(row.id) or self.store.by_key.get(row.key, 0))
        shown = tokens(row.version.values)
        if link is not None and link.sf_id in (None, row.id) and not self.world.settings.two_way:
            known = link.base.app if link.base is not None else link.created_with and link.created_with.app
            shown += [known["name"]] if known else []
            # A rename of ours may have landed without a word to us.
            shown.append(row.version.values["name"].removeprefix(RENDERED[0]))
            if link.reminder_id is not None and self.world.settings.silent:
                # R9: what no template lets travel may go with the task, and need not.
                shown.append(self.store.reminders[link.reminder_id].values["name"])
                self.graph.chosen_anew.add(shown[-1])
        return shown

    def read(self, rows: Sequence[Row], read_at: datetime) -> None:
        """The engine was shown a page; the last ones are replayed at the end (I14)."""
        self.pages.append((rows, read_at))

    def person_copied(self, record: Record) -> None:
        """Somebody copied a record: what it shows may stand twice, and be replaced in one place only."""
        self.graph.chosen_anew.update(self._tokens_there(record))

    def automation_wrote(self, incoming: str, token: str) -> None:
        """Automation in the org replaced our text by one of its own."""
        self.graph.wrote(incoming, token)

    def vanished(self, before: Mapping[str, Record]) -> None:
        """What was there and is not any more was emptied from the bin, or has lain in it for 15 days (R3)."""
        for identifier in before.keys() - self.world.there.tables().keys():
            self.purged.update(self._tokens_there(before[identifier]))
        self.world.once.vanished()

    def people_changed_org(self, before: Mapping[str, Record]) -> None:
        """Somebody changed Salesforce, with everything that follows from it."""
        now = self.world.there.tables()
        self.vanished(before)
        for identifier, record in now.items():
            old = before.get(identifier)
            if old is record:
                continue
            new = self.world.there.row(record).version.values
            if old is None:
                self.person_wrote(dict.fromkeys(FIELDS, ""), new)
                continue
            seen = self.world.there.row(old).version.values
            if record["IsDeleted"] and not old["IsDeleted"]:
                self.graph.killed_there.update(self._tokens_there(old))
                self.deleted_once.add(identifier)
                if self.world.once.ours(record):
                    self.world.once.person_deleted(record)
            elif old["IsDeleted"] and not record["IsDeleted"]:
                self.user_restored(identifier, self._tokens_there(record))
            else:
                if new["name"] != seen["name"]:
                    self.retold.update(set(self._tokens_there(old)).difference(tokens(seen)))
                self.person_wrote(seen, new)

    # --- what the engine does in Salesforce ----------------------------------------------------------------------

    def calling(self, writes: Sequence[Write]) -> None:
        """The engine calls Salesforce: every write of a pair must be an intent on disk (I12)."""
        self.paced(writes)
        for write in writes:
            by = self.store.by_key if write.op == "create" else self.store.by_sf_id
            link = self.store.links.get(by.get(write.about, 0))
            if link is None:
                if write.op != "delete":
                    self.fail("I12", f"{write.op} of {write.about} belongs to no link")
                continue  # the sweep of a second record: judged by what is lost (I1)
            intent = self.store.intents.get(link.id)
            if intent is None or intent.op != write.op or intent.carried.sf != write.values:
                self.fail("I12", f"{write.op} of link {link.id} is not on disk before the call: {intent}")
            if not intent.in_flight:
                self.fail("I12", f"{write.op} of link {link.id} is sent without a note on disk: {intent}")
            write.expected = link.base.sf if link.base is not None else None

    def paced(self, writes: Sequence[Write]) -> None:
        """A round that began when the org was short of calls sends members' own edits at most (P13); but a second record of
        our own making is taken away when it shows itself, for no poll would show it again (I2)."""
        team = self.store.team
        if all(write.op == "delete" and write.about not in self.store.by_sf_id for write in writes):
            return
        if team.pace_since is None or self.world.round_began() <= team.pace_since:
            return
        logged = any(write.logs and not write.opts_out for write in writes)
        if team.pace == "reads" or (team.pace == "edits" and logged):
            self.fail("P13", f"{writes[0].op} of {writes[0].about} is sent, and calls are for {team.pace}")

    def we_wrote(self, write: Write, before: Record | None, after: Record | None) -> None:
        """A write of ours was carried out, now or late."""
        if write.op == "delete" and before is not None:
            self.deleted_once.add(write.about)
            self.deleted_by_us.add(write.about)
            intent = self.store.intents.get(self.store.by_sf_id.get(write.about, 0))
            if write.about in self.restored and (intent is None or intent.op != "delete"):
                self.struck_late.add(
                    write.about
                )  # settled long ago, or another round's: it was out, or its process slept
        if write.op == "delete" or before is None or after is None:
            return
        old = self.world.there.row(before).version.values
        for name, new in write.values.items():
            if old[name] == new:
                continue
            if self.graph.is_ancestor(new, old[name]):
                self.fail("I9", f"flip-flop in Salesforce: {name} {old[name]} -> {new}")
            # A create that meets a record must not change it at all (M14).
            unread = write.expected is None or old[name] != write.expected[name]
            if unread and write.about not in self.world.there.once_hidden:  # R6
                self.fail("I1", f"{name} {old[name]!r} was overwritten unread in Salesforce by {new!r}")

    # --- when the others look ------------------------------------------------------------------------------------

    def committed(self, journal: list[Change]) -> None:
        """The engine committed a transaction: `journal` has what each row was before."""
        at_commit.committed(self, journal)

    def still_owed(self) -> list[str]:
        """What is left to do, in words; empty when both sides agree (I3)."""
        return at_rest.still_owed(self)

    def at_rest(self) -> None:
        """Everything has come to rest: the end checks."""
        at_rest.at_rest(self)
