"""What do members and admins set in Tandem while a history runs, and was what the page foretold true?

Switching task sync off and on, letting it rest, another subject template; and the preview before each switching on (P4):
it never writes, and where nothing moved between it and the first round that round does what it said.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tandem.sync.fields import DEFAULT_TEMPLATE
from tandem.sync.pace import Pace
from tandem.sync.ports import Seat
from tandem.sync.preview import Preview, preview
from tests.simulation.faults import HERE, SUBJECT_TOKEN, TEMPLATES
from tests.simulation.salesforce_port import SimulatedSalesforce
from tests.simulation.tables import ORG
from tests.simulation.there import LONGEST_CALL

if TYPE_CHECKING:
    from tests.simulation.world import World

_DAY = 86_400.0
_AWAY = (60.0, 3_700.0, 2 * _DAY, 16 * _DAY)


class Settings:
    """The settings of one world. templates: every subject template that was in force."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.templates = {world.swarm.template}

    def begin(self) -> None:
        """Everybody switches task sync on for the first time."""
        self._switch_on(sorted(self.world.there.users))

    def somebody_acts(self) -> None:
        """One setting is changed, if this history has any of it."""
        world = self.world
        known = [name for name in HERE if name in world.swarm and name != "second thoughts"]
        if not known:
            return
        name = world.tape.one_of(known)
        world.count(name)
        if name == "nightly check":
            world.note(lambda: "the nightly check is due")
            world.tandem.owe_audit()
        elif name == "calls run short":
            self._run_short()
        elif name == "away":
            self._go_away(16 * _DAY)
        elif name == "template changed":
            self._change_template()
        else:
            member = 1 + world.tape.below(world.swarm.members)
            (self._switch if name == "switched off" else self._rest)(member)

    def everybody_on(self) -> None:
        """In the end everything runs, so that everything can be asked to come to rest."""
        team = self.world.store.team
        team.pace, team.pace_since = "everything", None
        for member in sorted(team.paused):
            self.world.tandem.resume(member)
        self._switch_on([member for member in sorted(self.world.there.users) if member not in team.enabled])

    def _run_short(self) -> None:
        world, team = self.world, self.world.store.team
        paces: tuple[Pace, ...] = ("everything", "edits", "reads")
        team.pace, team.pace_since = world.tape.one_of(paces), world.clock.now()
        world.note(lambda: f"of API calls there are enough for: {team.pace}")

    def _switch(self, member: int) -> None:
        world = self.world
        if member in world.store.team.enabled:
            world.note(lambda: f"member {member} switches sync off")
            world.tandem.switch_off(member)
            world.oracle.nobody_watches()
        else:
            self._go_away(_AWAY[world.tape.below(len(_AWAY))])
            world.note(lambda: f"member {member} switches sync on again")
            world.tandem.switch_on(member)

    def _go_away(self, seconds: float) -> None:
        """Time passes. No call takes days: over so long a time the processes end."""
        world = self.world
        world.note(lambda: f"nobody is there for {seconds:,.0f} s")
        if seconds > _DAY:
            world.turns.end()
        # First whatever is on its way lands: it may lie in the bin, and have left it, when they come back (R3).
        for part in (min(seconds, LONGEST_CALL), max(seconds - LONGEST_CALL, 0.0)):
            before = world.there.tables()
            world.there.pass_time(part)
            world.oracle.vanished(before)

    def _rest(self, member: int) -> None:
        world = self.world
        resting = member in world.store.team.paused
        world.note(lambda: f"member {member} {'resumes' if resting else 'pauses'} sync")
        (world.tandem.resume if resting else world.tandem.pause)(member)

    def _change_template(self) -> None:
        template = self.world.tape.one_of(TEMPLATES)
        self.world.note(lambda: f"an admin sets the subject template {template!r}")
        self.templates.add(template)
        self.world.tandem.set_template(template)

    # --- the preview ---------------------------------------------------------------------------------------------

    @property
    def two_way(self) -> bool:
        """Whether the name has always travelled both ways (P3)."""
        return self.templates == {DEFAULT_TEMPLATE}

    @property
    def silent(self) -> bool:
        """Whether a name may never have travelled at all: a template without it was in force (AD-8)."""
        return any(SUBJECT_TOKEN not in template for template in self.templates)

    def _switch_on(self, members: list[int]) -> None:
        """Switch these on, and where nobody else is at work see whether the preview of it came true."""
        world = self.world
        if not members:
            return
        alone = not (world.store.team.enabled or world.store.intents or self._brought_back())
        alone = (
            alone and world.store.orgs[ORG].audit_at is None
        )  # the nightly check finds more than was foretold
        asked = [world.tandem.asked_seat(member) for member in members] if world.swarm.preview else []
        minute = world.clock.now().replace(second=0, microsecond=0)
        foretold = [self._preview(seat) for seat in asked]
        for member in members:
            world.note(lambda m=member: f"member {m} switches sync on")
            world.tandem.switch_on(member)
        if asked and alone:
            # What belongs to nobody here any more leaves nobody's page: it was not foretold.
            shown = [row.id for row in world.store.reminders.values() if row.owner and not row.deleted_at]
            report = world.quiet_round()
            if report is not None and not report.trouble_code:
                removed = [row for row in shown if world.store.reminders[row].deleted_at is not None]
                self._came_true(foretold, report.imported, len(removed), self._handed_over(removed, minute))

    def _brought_back(self) -> bool:
        """Whether a member brought back a reminder of a closed pair: what becomes of it, only the round finds out."""
        store = self.world.store
        rows = [
            (link, store.reminders.get(link.reminder_id or 0)) for link in store.links.values() if link.closed
        ]
        return any(
            row is not None and row.deleted_at is None and row.rev != link.rev_done for link, row in rows
        )

    def _preview(self, seat: Seat) -> Preview:
        world = self.world
        before = self._everything()
        quiet, world.quiet = world.quiet, True
        try:
            told = preview(ORG, [seat], world.store, SimulatedSalesforce(world, seat.user))
        finally:
            world.quiet = quiet
        if self._everything() != before:
            world.oracle.fail("P4", f"the preview for member {seat.member} wrote something")
        world.note(lambda: f"the page foretells {told}")
        return told

    def _handed_over(self, removed: list[int], minute: datetime) -> int:
        """How many of these reminders nobody could foretell (R12): their Tasks were deleted in this very minute, which no
        log tells yet, when they belonged to somebody else, whose page alone shows them."""
        world = self.world
        tasks = world.there.tables()
        count = 0
        for link in world.store.links.values():
            task = tasks.get(link.sf_id or "")
            if link.reminder_id in removed and task is not None and task["SystemModstamp"] >= minute:
                owner = world.store.reminders[link.reminder_id].owner
                count += task["OwnerId"] != world.there.users.get(owner)
        return count

    def _came_true(self, foretold: list[Preview], imported: int, removed: int, unforeseen: int) -> None:
        told = (sum(one.to_import for one in foretold), sum(one.to_remove for one in foretold))
        if not (told[0] == imported and told[1] <= removed <= told[1] + unforeseen):
            self.world.oracle.fail("P4", f"foretold (imports, removals) {told}, done {(imported, removed)}")

    def _everything(self) -> object:
        store = self.world.store
        tables = (store.reminders, store.links, store.intents, store.seats, store.conflicts, store.orgs)
        return [dict(table) for table in tables], self.world.there.tables()
