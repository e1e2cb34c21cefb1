"""Does it all come to rest? Faults stop, rounds run until nothing is owed (I3), and then nothing more is written (I5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tandem.sync.pair import Link
from tests.simulation.tables import ORG
from tests.simulation.there import LONGEST_CALL

if TYPE_CHECKING:
    from tests.simulation.world import World

# Calm has to come within so many rounds (I3).
MOST_ROUNDS = 60
SILENT_ROUNDS = 3
# Seconds between the first rounds in calm: the logs, which tell what the poll cannot see (R7), are read once an hour.
_CALM = (61.0, 61.0, 61.0, 3_700.0)


def calm_down(world: World) -> None:
    """Faults stop; what is under way ends."""
    world.note(lambda: "--- calm")
    world.calm = True
    world.there.show_all()
    world.turns.finish()
    while world.there.later:
        world.there.pass_time(LONGEST_CALL)
    world.tandem.sign_in_again()
    world.settings.everybody_on()
    _people_see_to_it(world)
    if "nightly check" in world.swarm:
        world.tandem.owe_audit()
    if world.swarm.unsubscribes:
        world.unsubscribes.pass_a_night()


def _people_see_to_it(world: World) -> None:
    """What only people can do: approve held deletions, retry what was refused."""
    row = world.store.orgs[ORG]
    if row.deletions == "held":
        world.note(lambda: "a person approves the deletions")
        world.tandem.approve_deletions()
    for link in list(world.store.links.values()):
        if link.parked:
            world.tandem.retry(link)
    world.correspondence.people_see_to_it()
    if world.swarm.unsubscribes:
        world.unsubscribes.people_see_to_it()


def converge(world: World) -> None:
    """Rounds until nothing is owed and nothing is written."""
    for number in range(MOST_ROUNDS):
        if number % 8 == 3:
            _people_see_to_it(world)
        report = world.quiet_round()
        wrote = report is None or report.wrote > 0 or bool(report.trouble_code)
        if not wrote and number >= len(_CALM) and not _waits(world) and not world.oracle.still_owed():
            return
        world.there.pass_time(_CALM[number] if number < len(_CALM) else 330.0)
    world.oracle.fail("I3", f"after {MOST_ROUNDS} calm rounds: {world.oracle.still_owed()}")


def _waits(world: World) -> bool:
    """Whether a pair still waits for its next try: a wait may be longer than all that calm has lasted."""
    now = world.our_clock.now()
    if world.once.waits(now) or world.unsubscribes.waits(now):
        return True
    return any(
        link.not_before is not None and link.not_before > now and not link.parked
        for link in world.store.links.values()
    )


def stay_silent(world: World) -> None:
    """Three more rounds write nothing on either side, and cost what nothing costs."""
    tasks, reminders = world.there.tables(), dict(world.store.reminders)
    links, written = _unread(world), world.there.our_writes
    calls = 0
    for number in range(SILENT_ROUNDS):
        world.there.pass_time(61.0)
        if number == 0 and "nightly check" in world.swarm:
            world.tandem.owe_audit()
        report = world.quiet_round()
        if report is None or report.wrote:
            world.oracle.fail("I5", f"a round in silence: {report}")
        calls += report.calls
        if report.audit:
            _nothing_to_mend(world, report.audit)
    # One poll a route each round; once an hour the two logs, and what the second names; once a day what Task looks like (I7).
    routes = 1 if world.swarm.team_route else len(world.store.team.enabled)
    counted = not (world.swarm.unsubscribes or world.swarm.small_calls or "nightly check" in world.swarm)
    if counted and world.swarm.page > 100 and calls > SILENT_ROUNDS * routes + 3 * routes + world.swarm.logs:
        world.oracle.fail("I7", f"{SILENT_ROUNDS} rounds with nothing to do cost {calls} calls")
    if world.there.tables() != tasks or world.there.our_writes != written:
        world.oracle.fail("I5", "Salesforce was written in silence")
    if world.store.reminders != reminders:
        world.oracle.fail("I5", "a reminder was written in silence")
    if _unread(world) != links:
        world.oracle.fail("I5", "a link was written in silence")


def _nothing_to_mend(world: World, found: Mapping[str, int]) -> None:
    """At rest the nightly check finds what nobody can know any more (R3), and nothing else."""
    tasks, store = world.there.tables(), world.store
    open_ = [link for link in store.links.values() if link.closed is None and link.sf_id is not None]
    gone = sum(link.sf_id not in tasks and store.carrier[link.id] is not None for link in open_)
    if found["mended"] or found["apart"] or found["missing"] != gone:
        world.oracle.fail("I3", f"at rest, with {gone} that vanished, the nightly check finds {dict(found)}")


def _unread(world: World) -> list[Link]:
    """The links without the time at which each was last read: reading again is no news."""
    return [
        replace(link, seen=replace(link.seen, read_at=link.seen.stamp)) if link.seen is not None else link
        for link in world.store.links.values()
    ]
