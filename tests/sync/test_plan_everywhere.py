"""Every world of a small alphabet: the planner brings each to silence in one step, and never at a price.

A world is one pair in one situation. Its steps are carried out perfectly: what is to be written here is written, what is
sent is acknowledged with exactly what was carried, what is read again is fresh. Then the planner is asked again.

    silence     Nothing, or a Wait that only our clock or a person ends
    one step    one plan; where the version read was too young to write upon, its local part, a reading and one sending

What must hold in every single world is written down in `_check`; the numbers are those of docs/invariants.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product

import pytest

from tandem.sync.fields import FieldMap
from tandem.sync.observe import observe
from tandem.sync.pair import (
    FIELDS,
    Base,
    Carried,
    Closed,
    Intent,
    Link,
    Lost,
    Op,
    Ours,
    Pair,
    Row,
    Seen,
    Side,
    Version,
)
from tandem.sync.plan import (
    Apply,
    Close,
    Create,
    Erase,
    Moment,
    Nothing,
    Park,
    Remove,
    Reopen,
    Reread,
    Resolve,
    Revive,
    Step,
    Wait,
    plan,
)
from tandem.sync.ports import Done
from tandem.sync.settle import settle
from tests.sync.build import (
    ANNA,
    APP,
    ID,
    KEY,
    LEASE,
    MEMBERS,
    NAMED,
    NOW,
    ROUND,
    SERVER_NOW,
    SF,
    STAMP,
    TWO_WAY,
    UNNAMED,
    seconds,
)

ALIVE_OR_DEAD = (False, True)
LONG_AGO = NOW - timedelta(hours=1)
STATUS = ("open", "done")
STATUS_THERE = ("Not Started", "In Progress", "Completed")
STATUS_BASES = (
    ("open", "Not Started"),
    ("open", "In Progress"),
    ("done", "Completed"),
    ("done", "In Progress"),
)
# An org may have closed statuses of its own: of kind done, but not our word.
STATUS_OWN_THERE = (*STATUS_THERE, "Cancelled")
STATUS_OWN_BASES = (*STATUS_BASES, ("open", "Cancelled"), ("done", "Cancelled"))
PRIORITY = ("normal", "high")
PRIORITY_THERE = ("Normal", "High", "Low")
PRIORITY_BASES = (("normal", "Normal"), ("high", "High"), ("normal", "Low"), ("high", "Low"))
MAPS = (TWO_WAY, NAMED, UNNAMED)


# --- the world that does what the step says --------------------------------------------------------------------------


@dataclass(slots=True)
class World:
    """One pair, the Task as it truly is, both clocks, and all that was done to bring them to silence."""

    link: Link
    ours: Ours | None
    fields: FieldMap
    task: Seen | None
    moment: Moment = field(default_factory=lambda: Moment(NOW, LEASE, ROUND, MEMBERS))
    intent: Intent | None = None
    steps: list[Step] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    moved_here: int = 0
    moved_there: int = 0
    born: int = 0

    def plan(self) -> Step:
        return plan(Pair(self.link, self.ours, self.intent), self.fields, self.moment)

    def run(self) -> Step:
        """Plan and carry out until the planner is quiet; returns the quiet step."""
        while True:
            step = self.plan()
            if isinstance(step, Nothing | Wait | Resolve):
                return step
            self.steps.append(step)
            assert len(self.steps) <= 4, f"no silence in sight: {self.told()}"
            self._carry_out(step)

    def told(self) -> str:
        """The world as a story, for whoever has to mend it."""
        return "\n  ".join(map(str, ["", self.link, self.ours, self.task, *self.steps, *self.lost]))

    def _carry_out(self, step: Step) -> None:
        assert self.ours is not None
        match step:
            case Apply(merged):
                self._here(step)
                if merged.there.sf:
                    self._send("update", merged.there)
            case Create(carried):
                self.link = replace(self.link, created_with=carried)
                self._send("create", carried)
            case Erase():
                self._send("delete", Carried({}, {}))
            case Reread():
                assert self.task is not None
                read_at = max(SERVER_NOW, self.task.read_at, self.task.stamp) + seconds(30)
                self.link = observe(self._pair(), self._row(), read_at, asked=True).link
            case Remove():
                self.moved_here += 1
                self.ours = replace(self.ours, deleted_at=self.moment.now)
                self._close("deleted", "salesforce")
            case Close(reason, by, lost):
                self.lost += lost
                self._close(reason, by)
            case Reopen():
                # Nobody watched the Task while the pair was closed, so what was seen of it is in doubt.
                self.link = replace(self.link, closed=None, closed_by=None, rev_done=None, stale=True)
            case Revive():
                self.link = Link(id=2, key="another key", reminder_id=self.ours.id)
                self.task = None
            case Park(problem):
                self.link = replace(
                    self.link,
                    parked=True,
                    error_rev=self.ours.rev,
                    error_code=problem.code,
                    rev_done=self.ours.rev,
                )
            case _:
                raise AssertionError(step)

    def _here(self, step: Apply) -> None:
        assert self.ours is not None
        merged = step.merged
        self.moved_here += bool(merged.here) + (merged.owner is not None)
        owner = self.ours.owner if merged.owner is None else merged.owner
        self.ours = replace(self.ours, values={**self.ours.values, **merged.here}, owner=owner)
        self.link = replace(self.link, base=merged.base)
        self.lost += merged.lost

    def _send(self, op: Op, carried: Carried) -> None:
        """Salesforce takes exactly what was carried, and the same call reads it back."""
        assert self.ours is not None
        if op == "update":
            _may_be_written_upon(self)
        self.moved_there += 1
        self.born += op == "create"
        stamp = max(SERVER_NOW, self.task.stamp if self.task else SERVER_NOW) + seconds(60)
        before = self.task.version if self.task else Version(dict.fromkeys(FIELDS, ""), owner=self.ours.owner)
        values = {**before.values, **carried.sf}
        version = replace(before, values=values, closed=_closed(values["status"]))
        self.task = Seen(version, stamp, stamp, deleted=op == "delete")
        sent = Intent(op, carried, None, self.moment.now, LEASE)
        settled = settle(self._pair(), sent, Done(ID), [self._row()], stamp + seconds(5), self.moment.now)
        assert settled.intent is None, self.told()
        self.link = settled.link
        self.lost += settled.lost

    def _close(self, reason: Closed, by: Side) -> None:
        assert self.ours is not None
        self.link = replace(self.link, closed=reason, closed_by=by, rev_done=self.ours.rev)

    def _pair(self) -> Pair:
        return Pair(self.link, self.ours, self.intent)

    def _row(self) -> Row:
        assert self.task is not None
        at = self.task.stamp
        return Row(ID, self.task.version, self.link.key, STAMP, at, at, self.task.deleted)


def _may_be_written_upon(world: World) -> None:
    """M17, R1: If-Unmodified-Since counts whole seconds, so nothing is sent upon a version read in its own second."""
    known = world.link.seen
    assert known is not None, world.told()
    assert not world.link.stale, f"sent upon a version in doubt: {world.told()}"
    assert known.read_at - known.stamp >= seconds(2), f"sent upon a version read too young: {world.told()}"


def _closed(status: str) -> bool:
    return status in ("Completed", "Cancelled")


# --- what must hold in every world -----------------------------------------------------------------------------------


def _check(world: World) -> None:
    """Bring one world to silence and hold it against the invariants."""
    ours, task, link = world.ours, world.task, world.link
    quiet = world.run()
    told = world.told
    _check_length(world)
    # I5: quiet stays quiet, and what was agreed at the start was left alone.
    assert world.plan() == quiet, told()
    assert ours is not None
    assert link.base is not None
    assert task is not None
    both_alive = ours.deleted_at is None and not task.deleted
    if both_alive and ours.values == link.base.app and task.version.values == link.base.sf:
        assert world.steps == [], f"I5, moved though nothing was owed: {told()}"
    if both_alive:
        _check_merge(world, ours, task, link.base)
    else:
        _check_deletes(world, ours, task, link.base)


def _check_length(world: World) -> None:
    kinds = [type(step) for step in world.steps]
    if Reread in kinds:
        at = kinds.index(Reread)
        assert kinds.count(Reread) == 1, world.told()
        assert at <= 1, world.told()
        assert len(kinds) - at <= 2, f"more than one step after reading again: {world.told()}"
        assert all(isinstance(step, Apply) and not step.merged.there.sf for step in world.steps[:at]), (
            world.told()
        )
    else:
        assert len(kinds) <= 1, f"more than one step to silence: {world.told()}"


def _check_merge(world: World, ours: Ours, task: Seen, base: Base) -> None:
    told, now_here, now_there, now_base = world.told, world.ours, world.task, world.link.base
    assert now_here is not None
    assert now_there is not None
    assert now_base is not None
    assert world.link.closed is None, f"a living pair was closed: {told()}"
    assert now_here.deleted_at is None, told()
    # I3: what both show now is what both agreed on.
    assert now_here.values == now_base.app, f"I3, a change here is still owed: {told()}"
    assert now_there.version.values == now_base.sf, f"I3, a change there is still owed: {told()}"
    for name, rule in world.fields.fields.items():
        a, s = base.app[name], base.sf[name]
        mine, theirs = ours.values[name], task.version.values[name]
        after_here, after_there = now_here.values[name], now_there.version.values[name]
        i_moved, they_moved = mine != a, theirs != s
        word = rule.word(theirs, closed=task.version.closed)
        # I6: the two sides of the base may stand side by side.
        closed_now = now_there.version.closed
        assert world.fields.agree(name, now_base.app[name], now_base.sf[name], closed=closed_now), (
            f"I6 {told()}"
        )
        # I9: a side is only written by a change of the other; what did not move since the base is never news.
        if after_here != mine:
            assert they_moved, f"I9, wrote {name} here without news from there: {told()}"
            assert after_here == word, f"wrote {name} here as nobody said it: {told()}"
        if after_there != theirs:
            assert i_moved, f"I9, wrote {name} there without an edit here: {told()}"
            assert after_there == rule.send(mine), f"wrote {name} there as nobody said it: {told()}"
        # I8: a word without ours gives way to an edit of this very field, and of another kind, or not at all.
        if word is None and after_there != theirs:
            assert rule.kind(theirs, closed=task.version.closed) != mine, f"I8, {name}: {told()}"
        # I16: whoever's value is no longer on their own side finds it in the log, once, with what won.
        if i_moved and after_here != mine:
            _was_logged(world, name, "tandem", mine, after_here)
        if they_moved and after_there != theirs:
            _was_logged(world, name, "salesforce", theirs, mine)
    names = [(loss.field, loss.side) for loss in world.lost]
    assert len(names) == len(set(names)), f"I16, logged twice: {told()}"
    for loss in world.lost:
        moved = (
            ours.values[loss.field] != base.app[loss.field]
            and task.version.values[loss.field] != base.sf[loss.field]
        )
        assert moved, f"I16, logged as lost though no two edits met: {told()}"


def _was_logged(world: World, name: str, side: str, value: str, won: str) -> None:
    found = [
        loss
        for loss in world.lost
        if (loss.field, loss.side, loss.value, loss.won) == (name, side, value, won)
    ]
    assert len(found) == 1, f"I16, {side}'s {name} {value!r} vanished without a word: {world.told()}"


def _check_deletes(world: World, ours: Ours, task: Seen, base: Base) -> None:
    """P5: a delete lands on an unchanged counterpart, an edit survives it and is named, and nothing rises again (I4)."""
    told, now_here, now_there = world.told, world.ours, world.task
    assert now_here is not None
    assert now_there is not None
    gone_here, gone_there = ours.deleted_at is not None, task.deleted
    edited_here = {name for name in FIELDS if ours.values[name] != base.app[name]}
    edited_there = {name for name in FIELDS if task.version.values[name] != base.sf[name]}
    assert world.link.closed is not None, f"a dead pair was left open: {told()}"
    if gone_here:
        assert now_here.deleted_at is not None, f"I4, rose here: {told()}"
    if gone_there:
        assert now_there.deleted, f"I4, rose there: {told()}"
    assert world.born == 0, f"I4, made again: {told()}"
    assert now_here.values == ours.values, told()
    assert now_there.version.values == task.version.values, told()
    if gone_here and gone_there:
        assert (world.link.closed, world.moved_here, world.moved_there) == ("deleted", 0, 0), told()
        return
    edited, side = (edited_here, "salesforce") if gone_there else (edited_there, "tandem")
    survived = now_here.deleted_at is None or not now_there.deleted
    assert survived == bool(edited), f"P5: {told()}"
    kept: Closed = "detached" if gone_there else "kept_remote"
    assert world.link.closed == (kept if edited else "deleted"), told()
    assert {(loss.field, loss.side) for loss in world.lost} == {(name, side) for name in edited}, (
        f"I16 {told()}"
    )


def _world(
    here: dict[str, str],
    there: dict[str, str],
    base_app: dict[str, str],
    base_sf: dict[str, str],
    *,
    fields: FieldMap = TWO_WAY,
    deleted_here: bool = False,
    deleted_there: bool = False,
    young: bool = False,
) -> World:
    values = {**SF, **there}
    stamp = ROUND - seconds(1) if young else STAMP
    shown = Seen(Version(values, _closed(values["status"]), ANNA), stamp, ROUND, deleted_there)
    base = Base({**APP, **base_app}, {**SF, **base_sf}, STAMP)
    link = Link(id=1, key=KEY, reminder_id=1, sf_id=ID, base=base, seen=shown, rev_done=6)
    ours = Ours(1, {**APP, **here}, 7, LONG_AGO if deleted_here else None, ANNA)
    return World(link, ours, fields, shown)


# --- the alphabets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deleted_here", ALIVE_OR_DEAD, ids=["alive here", "deleted here"])
@pytest.mark.parametrize("deleted_there", ALIVE_OR_DEAD, ids=["alive there", "deleted there"])
def test_two_texts_and_a_status_reach_silence_from_wherever_they_stand(
    deleted_here: bool, deleted_there: bool
) -> None:
    """Two texts of three values and every status, each on ours, seen and base: 17,496 worlds for each of four deaths."""
    count = 0
    texts = ("x", "y", "z")
    for name, details in product(product(texts, repeat=3), repeat=2):
        for status, (word, theirs), there in product(STATUS, STATUS_BASES, STATUS_THERE):
            world = _world(
                {"name": name[0], "details": details[0], "status": status},
                {"name": name[1], "details": details[1], "status": there},
                {"name": name[2], "details": details[2], "status": word},
                {"name": name[2], "details": details[2], "status": theirs},
                deleted_here=deleted_here,
                deleted_there=deleted_there,
            )
            _check(world)
            count += 1
    assert count == 27 * 27 * 24, f"{count} worlds were looked at"


@pytest.mark.parametrize("young", [False, True], ids=["read long after it changed", "read in its own second"])
@pytest.mark.parametrize("fields", MAPS, ids=["two-way name", "template names the subject", "fixed template"])
def test_every_status_beside_every_priority_under_every_template_reaches_silence(
    fields: FieldMap, young: bool
) -> None:
    """All words and unmapped words of both picklists at once, beside a name that moved on no, one or both sides."""
    count = 0
    for status, (a_status, s_status), t_status in product(STATUS, STATUS_OWN_BASES, STATUS_OWN_THERE):
        for priority, (a_priority, s_priority), t_priority in product(
            PRIORITY, PRIORITY_BASES, PRIORITY_THERE
        ):
            for name, subject in product(("x", "y"), ("x", "y", "z")):
                rendered = "x" if fields is TWO_WAY else (fields["name"].send("x") or "Logged by Tandem")
                world = _world(
                    {"name": name, "status": status, "priority": priority},
                    {
                        "name": rendered if subject == "x" else subject,
                        "status": t_status,
                        "priority": t_priority,
                    },
                    {"name": "x", "status": a_status, "priority": a_priority},
                    {"name": rendered, "status": s_status, "priority": s_priority},
                    fields=fields,
                    young=young,
                )
                _check(world)
                count += 1
    assert count == 48 * 24 * 6, f"{count} worlds were looked at"


# Small situations that stand for everything that can be owed, for the worlds in which something else is the matter.
_OWED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "nothing": ({}, {}),
    "an edit here": ({"details": "mine"}, {}),
    "an edit there": ({}, {"details": "theirs"}),
    "edits of two fields": ({"name": "mine"}, {"details": "theirs"}),
    "a conflict": ({"details": "mine"}, {"details": "theirs"}),
    "done here, open there": ({"status": "done"}, {"status": "In Progress"}),
    "an unmapped word there": ({}, {"status": "Deferred", "priority": "Low"}),
    "an edit nobody can send": ({"due": "no date"}, {"details": "theirs"}),
}


@dataclass(frozen=True)
class _Trouble:
    """What stands in the way of a pair, beside what it owes."""

    parked: bool
    error_rev: int | None
    not_before: timedelta | None
    stale: bool
    young: bool
    held: bool


def _troubles() -> Iterator[_Trouble]:
    parked = ((False, None), (True, 7), (True, 6))
    waits = (None, timedelta(minutes=-1), timedelta(minutes=1))
    flags = product((False, True), repeat=3)
    for (is_parked, rev), wait, (stale, young, held) in product(parked, waits, list(flags)):
        yield _Trouble(is_parked, rev, wait, stale, young, held)


def _troubled(owed: str, trouble: _Trouble, deleted_here: bool, deleted_there: bool) -> World:
    here, there = _OWED[owed]
    world = _world(
        here, there, {}, {}, deleted_here=deleted_here, deleted_there=deleted_there, young=trouble.young
    )
    world.link = replace(
        world.link,
        parked=trouble.parked,
        error_rev=trouble.error_rev,
        not_before=None if trouble.not_before is None else NOW + trouble.not_before,
        stale=trouble.stale,
    )
    world.moment = replace(world.moment, deletions_held=trouble.held)
    return world


@pytest.mark.parametrize("owed", _OWED)
def test_whatever_stands_in_the_way_nothing_is_sent_and_once_it_is_gone_all_is_done(owed: str) -> None:
    """Parked, waiting, stale, young, held: each pair is quiet, and the end of the trouble ends what is owed."""
    count = 0
    for trouble, deleted_here, deleted_there in product(_troubles(), ALIVE_OR_DEAD, ALIVE_OR_DEAD):
        world = _troubled(owed, trouble, deleted_here, deleted_there)
        quiet = world.run()
        told = world.told
        assert world.plan() == quiet, f"quiet did not stay quiet: {told()}"
        waiting = trouble.not_before is not None and trouble.not_before > timedelta()
        if waiting or (trouble.parked and trouble.error_rev == 7):
            assert world.moved_there == 0, f"sent although it had to wait: {told()}"
        if trouble.held:
            removed = any(isinstance(step, Remove) for step in world.steps)
            assert not removed, f"removed although a person was asked first: {told()}"
        _end_of_trouble(world)
        impossible = owed == "an edit nobody can send" and not (deleted_here or deleted_there)
        assert (world.link.parked and world.link.closed is None) == impossible, told()
        if not impossible:
            assert isinstance(world.plan(), Nothing), (
                f"still waits though nothing stands in the way: {told()}"
            )
        count += 1
    assert count == 3 * 3 * 8 * 4, f"{count} worlds were looked at"


def _end_of_trouble(world: World) -> None:
    """Time passes, a person says yes to everything, Salesforce is read anew: run to silence once more."""
    world.moment = replace(world.moment, now=NOW + timedelta(hours=1), deletions_held=False)
    if world.link.closed is None:
        world.link = replace(world.link, parked=False, not_before=None)
    world.steps.clear()
    world.run()


def test_every_closed_pair_rests_unless_its_reminder_came_back() -> None:
    """All reasons to be closed, all that could have been owed, both deaths, touched since or not."""
    count = 0
    reasons: tuple[Closed, ...] = ("deleted", "detached", "kept_remote", "logged", "not_ours")
    sides: tuple[Side, ...] = ("tandem", "salesforce")
    for reason, by, owed, dead_here, dead_there, touched in product(
        reasons, sides, _OWED, ALIVE_OR_DEAD, ALIVE_OR_DEAD, ALIVE_OR_DEAD
    ):
        came_back = touched and not dead_here
        here, there = _OWED[owed]
        world = _world(here, there, {}, {}, deleted_here=dead_here, deleted_there=dead_there)
        world.link = replace(world.link, closed=reason, closed_by=by, rev_done=6 if touched else 7)
        if came_back and (reason == "kept_remote" or (reason in ("deleted", "detached") and not dead_there)):
            continue  # the next test
        world.run()
        again = reason == "deleted" and came_back and owed != "an edit nobody can send"
        assert world.born == again, f"I4: {world.told()}"
        assert world.moved_here == 0, world.told()
        assert world.moved_there == world.born, world.told()
        count += 1
    assert count == 5 * 2 * 8 * 2 * 2 * 2 - (2 + 1 + 1) * 2 * 8, f"{count} worlds were looked at"


@pytest.mark.parametrize("reason", ["deleted", "detached"])
def test_a_reminder_brought_back_while_its_task_lives_makes_no_second_task(reason: Closed) -> None:
    """Both were brought back: one pair goes on, and nothing is doubled (I2)."""
    for by, owed in product(("tandem", "salesforce"), _OWED):
        here, there = _OWED[owed]
        world = _world(here, there, {}, {})
        world.link = replace(world.link, closed=reason, closed_by=by, rev_done=6)
        world.run()
        assert world.born == 0, world.told()
        assert isinstance(world.steps[0], Reopen), world.told()


def test_a_reminder_brought_back_after_its_task_was_kept_is_in_step_again_as_the_same_pair() -> None:
    """Taking the deletion back is the user's choice (docs/engine.md §2.2): nobody parts, nothing is doubled."""
    for owed, dead_there in product(_OWED, ALIVE_OR_DEAD):
        here, there = _OWED[owed]
        world = _world(here, there, {}, {}, deleted_there=dead_there)
        world.link = replace(world.link, closed="kept_remote", closed_by="tandem", rev_done=6)
        world.run()
        assert world.born == 0, world.told()
        assert isinstance(world.steps[0], Reopen), world.told()
        assert (world.link.closed is not None) == dead_there, world.told()
        assert world.ours is not None
        assert world.link.base is not None
        if not dead_there and not world.link.parked:
            assert world.ours.values == world.link.base.app, f"still apart: {world.told()}"


def test_every_reminder_without_a_task_is_sent_once_closed_or_parked() -> None:
    count = 0
    for owed, dead, fields, waiting in product(_OWED, ALIVE_OR_DEAD, MAPS, ALIVE_OR_DEAD):
        values, _ = _OWED[owed]
        mine = Ours(1, {**APP, **values}, 7, LONG_AGO if dead else None, ANNA)
        later = NOW + timedelta(minutes=1)
        link = Link(id=1, key=KEY, reminder_id=1, not_before=later if waiting else None)
        world = World(link, mine, fields, None)
        quiet = world.run()
        assert world.plan() == quiet, world.told()
        assert len(world.steps) <= 1, world.told()
        impossible = owed == "an edit nobody can send"
        assert world.born == (not dead and not waiting and not impossible), world.told()
        assert (world.link.closed == "deleted") == dead, world.told()
        count += 1
    assert count == 8 * 2 * 3 * 2, f"{count} worlds were looked at"


def test_an_open_intent_comes_before_everything_else_in_every_world() -> None:
    """I12: at most one write per pair; nobody plans past one, and only its own round waits for it."""
    count = 0
    ops: tuple[Op, ...] = ("create", "update", "delete")
    for op, owed, dead_here, dead_there, opener, in_flight, attempts in product(
        ops, _OWED, ALIVE_OR_DEAD, ALIVE_OR_DEAD, (LEASE, "another lease"), ALIVE_OR_DEAD, (1, 2)
    ):
        here, there = _OWED[owed]
        world = _world(here, there, {}, {}, deleted_here=dead_here, deleted_there=dead_there)
        world.intent = Intent(op, Carried({}, {}), STAMP, NOW, opener, attempts, in_flight)
        expected = Wait() if in_flight and opener == LEASE else Resolve()
        assert world.plan() == expected, world.told()
        world.ours = None
        assert world.plan() == expected, world.told()
        count += 2
    assert count == 2 * 3 * 8 * 2 * 2 * 2 * 2 * 2, f"{count} worlds were looked at"


def test_the_local_part_of_a_step_leaves_exactly_the_sending_it_announced() -> None:
    """A crash between the two halves of a step costs nothing: the next plan sends the same, and logs nothing twice."""
    count = 0
    for status, (word, theirs), there in product(STATUS, STATUS_BASES, STATUS_THERE):
        for details, comment in product(("x", "y", "z"), repeat=2):
            world = _world(
                {"status": status, "details": details},
                {"status": there, "details": comment},
                {"status": word, "details": "x"},
                {"status": theirs, "details": "x"},
            )
            whole = world.plan()
            if isinstance(whole, Apply):
                world._here(whole)
                rest = world.plan()
                if whole.merged.there.sf:
                    assert isinstance(rest, Apply), world.told()
                    assert rest.merged.there == whole.merged.there, world.told()
                    assert not rest.merged.moves_here, world.told()
                    assert rest.merged.lost == (), world.told()
                else:
                    assert isinstance(rest, Nothing), world.told()
            count += 1
    assert count == 24 * 9, f"{count} worlds were looked at"


def test_a_deletion_here_waits_for_its_undo_and_then_for_a_reading_of_this_very_round() -> None:
    """R2: DELETE takes no condition, so it follows a reading of the same round; and Undo comes first."""
    world = _world({}, {}, {}, {}, deleted_here=True)
    assert world.ours is not None
    world.ours = replace(world.ours, deleted_at=NOW - seconds(9))
    assert world.plan() == Wait(NOW + seconds(1))
    world.moment = replace(world.moment, now=NOW + seconds(1), server_round=ROUND + seconds(1))
    assert world.plan() == Reread()
    world.moment = replace(world.moment, server_round=ROUND)
    assert world.plan() == Erase()


@pytest.mark.parametrize("after", [0, 1])
def test_nothing_is_sent_upon_a_version_read_within_its_own_second_or_the_next(after: int) -> None:
    """M17: another transaction of that second may still show; the Date of an answer is one second coarse as well."""
    world = _world({"details": "mine"}, {}, {}, {})
    assert world.link.seen is not None
    world.link = replace(world.link, seen=replace(world.link.seen, stamp=ROUND - seconds(after)))
    assert world.plan() == Reread()


def test_a_version_read_two_seconds_after_it_was_written_may_be_written_upon() -> None:
    world = _world({"details": "mine"}, {}, {}, {})
    assert world.link.seen is not None
    world.link = replace(world.link, seen=replace(world.link.seen, stamp=ROUND - seconds(2)))
    step = world.plan()
    assert isinstance(step, Apply)
    assert step.merged.there.sf == {"details": "mine"}


def test_what_comes_in_does_not_wait_for_the_reading_that_what_goes_out_needs() -> None:
    world = _world({"name": "mine"}, {"details": "theirs"}, {}, {}, young=True)
    first = world.plan()
    assert isinstance(first, Apply)
    assert (first.merged.here, dict(first.merged.there.sf)) == ({"details": "theirs"}, {})
    world.run()
    assert [type(step) for step in world.steps] == [Apply, Reread, Apply]
