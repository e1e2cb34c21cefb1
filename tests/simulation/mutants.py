"""Would the harness notice? Each mutant removes one guard of the production engine; each has to break a promise.

A mutant is a context manager that patches one production function or constant. `budget` is the number of histories,
counted from seed 0, within which some invariant must break. A rare kill has a tape under found/, tried first. `guard` names what it removes, `rule` the row of
docs/faults.md that the guard answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeGuard
from unittest.mock import patch

from tandem.sync import (
    fields,
    inbound,
    merge,
    observe,
    outbound,
    plan,
    resolve,
    round,
    settle,
)
from tandem.sync.pair import Base, Carried
from tandem.sync.ports import Refused, Why
from tests.simulation.oracle import INVARIANTS
from tests.simulation.story import FOUND, broken
from tests.simulation.tape import recorded, seeded
from tests.simulation.world import World

Patch = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One guard removed."""

    name: str
    rule: str
    guard: str
    budget: int
    patches: tuple[Patch, ...]

    @property
    def slug(self) -> str:
        """Its name as a file has it."""
        return self.name.replace(" ", "-").replace("'", "")

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with ExitStack() as stack:
            for make in self.patches:
                stack.enter_context(make())
            yield


def first_kill(mutant: Mutant) -> tuple[str, str] | None:
    """On what the mutant breaks a promise first, and which; None when it survives its budget."""
    with mutant():
        for tape in sorted(FOUND.glob(f"{mutant.slug}-*.json")):
            if dies(found := broken(World(recorded(json.loads(tape.read_text())["tape"])))):
                return f"tape {tape.stem}", found[0]
        for seed in range(mutant.budget):
            if dies(found := broken(World(seeded(seed)))):
                return f"seed {seed}", found[0]
    return None


def dies(found: tuple[str, str] | None) -> TypeGuard[tuple[str, str]]:
    """Whether a promise broke, or a constraint of the database had to hold it; any other exception proves nothing."""
    return found is not None and (found[0] in INVARIANTS or found[0] == "Refused")


def _set(module: Any, name: str, value: Any) -> Patch:
    return lambda: patch.object(module, name, value)


# --- what the guards become -------------------------------------------------------------------------------------------


def _cursor_at_end() -> Any:
    pages = inbound._pages

    def late(round_: Any, seats: Any, since: Any) -> datetime:
        pages(round_, seats, since)
        return round_.salesforce.server_time()

    return patch.object(inbound, "_pages", late)


def _unconditional_patch() -> Any:
    from tandem.sync import outbound as module

    def unconditional(salesforce: Any, batch: Any) -> Any:
        from tandem.sync.ports import Patch as Row

        never = datetime.max.replace(tzinfo=batch[0].intent.unless_modified_since.tzinfo)
        return salesforce.patch([Row(p.link.sf_id, p.intent.carried.sf, never) for p in batch])

    return patch.dict(module._CALLS, {"update": unconditional})


def _settled_with_present_values() -> Any:
    agreed = settle._agreed
    whole = settle._update

    def update(pair: Any, intent: Any, outcome: Any, row: Any, read_at: Any, now: Any) -> Any:
        if pair.ours is not None:
            present = {name: pair.ours.values[name] for name in intent.carried.app}
            intent = replace(intent, carried=Carried(present, intent.carried.sf))
        return whole(pair, intent, outcome, row, read_at, now)

    assert agreed
    return patch.object(settle, "_update", update)


def _base_before_the_call() -> Any:
    opened = outbound._open

    def early(round_: Any, pair: Any, op: Any, carried: Any, moment: Any) -> Any:
        pair = opened(round_, pair, op, carried, moment)
        if op == "update" and pair.link.base is not None:
            base = pair.link.base
            moved = Base({**base.app, **carried.app}, {**base.sf, **carried.sf}, base.stamp)
            link = replace(pair.link, base=moved)
            round_.store.save_with_intent(link, pair.intent)
            pair = replace(pair, link=link)
        return pair

    return patch.object(outbound, "_open", early)


def _full_record() -> Any:
    merged = merge.merge

    def whole(fields_: Any, ours: Any, seen: Any, base: Any, members: Any) -> Any:
        done = merged(fields_, ours, seen, base, members)
        if not done.there.sf:
            return done
        app = {**ours.values, **done.here}
        return replace(done, there=Carried(app, fields_.to_create(app)))

    return patch.object(plan, "merge", whole)


def _unknown_is_replaced() -> Any:
    def forget(link: Any, intent: Any, outcome: Any, now: Any) -> Any:
        return settle.Settled(settle._failed(link, outcome, now))

    return patch.object(settle, "_in_doubt", forget)


def _echo_is_news() -> Any:
    shown = settle._shown

    def echo(link: Any, row: Any, read_at: Any) -> Any:
        link = shown(link, row, read_at)
        return (
            replace(link, base=replace(link.base, sf={**link.base.sf, "details": "?"})) if link.base else link
        )

    return patch.object(settle, "_shown", echo)


def _order_ignored() -> Any:
    def newest_is_last(link: Any, seen: Any, *, asked: bool) -> Any:
        if link.seen is not None and link.seen.version == seen.version and link.seen.deleted == seen.deleted:
            return observe.Observed(replace(link, seen=seen, stale=False), observe.News.NONE)
        return observe.Observed(replace(link, seen=seen, stale=False, rev_done=None), observe.News.SEEN)

    return patch.object(observe, "_open", newest_is_last)


def _unguarded_delete() -> Any:
    def at_once(base: Any, seen: Any, deleted_at: Any, moment: Any) -> Any:
        return plan.Erase()

    return patch.object(plan, "_deleted_here", at_once)


def _delete_over_edit() -> Any:
    def remove(base: Any, ours: Any, moment: Any) -> Any:
        return plan.Close("deleted", "salesforce") if ours.deleted_at is not None else plan.Remove()

    return patch.object(plan, "_deleted_there", remove)


def _absence_is_deletion() -> Any:
    def gone(round_: Any, sf_ids: Any, read_at: Any) -> None:
        inbound._mark_deleted(round_, sf_ids, read_at)

    return patch.object(inbound, "_mark_absent", gone)


def _no_fencing() -> Any:
    stack = ExitStack()
    stack.enter_context(patch.object(outbound, "_still_ours", lambda stored, sent: stored is not None))
    stack.enter_context(patch.object(round.Round, "before_call", lambda self: None))
    return stack


def _cursor_unfenced() -> Any:
    @contextmanager
    def anybody(self: Any) -> Iterator[None]:
        with self.store.transaction():
            yield

    return patch.object(round.Round, "fenced", anybody)


def _forgotten_tombstone() -> Any:
    seen = observe._closed

    def forget(pair: Any, link: Any, row: Any) -> Any:
        if link.closed == "deleted" and not row.deleted:
            return observe.Observed(
                replace(link, seen=row, closed=None, closed_by=None, rev_done=None), observe.News.REOPENED
            )
        return seen(pair, link, row)

    return patch.object(observe, "_closed", forget)


def _base_drifts() -> Any:
    def one_side(base: Any, intent: Any, there: Any, row: Any) -> Any:
        if base is None:
            return None
        app = {**base.app, **intent.carried.app}
        return Base(app, base.sf, row.stamp if row else base.stamp)

    return patch.object(settle, "_agreed", one_side)


def _refusal_is_certain() -> Any:
    refused = settle._refused

    def certain(pair: Any, link: Any, intent: Any, *more: Any, **looked: Any) -> Any:
        return refused(pair, link, replace(intent, doubt_until=None), *more, **looked)

    return patch.object(settle, "_refused", certain)


def _poll_adopts() -> Any:
    whole = observe.observe

    def adopt(pair: Any, row: Any, read_at: Any, *, asked: bool = False) -> Any:
        if pair.link.sf_id is None and pair.intent is not None:
            return whole(replace(pair, intent=None), row, read_at, asked=asked)
        return whole(pair, row, read_at, asked=asked)

    def save(round_: Any, pair: Any, row: Any, read_at: Any, moment: Any, twins: Any, *, asked: bool) -> None:
        adopted = pair.link.sf_id is None and pair.intent is not None and not row.deleted
        if adopted:
            round_.store.save_with_intent(pair.link, None)
            pair = replace(pair, intent=None)
        row_seen(round_, pair, row, read_at, moment, twins, asked=asked)

    row_seen = inbound._observe_row
    stack = ExitStack()
    stack.enter_context(patch.object(inbound, "observe", adopt))
    stack.enter_context(patch.object(inbound, "_observe_row", save))
    return stack


def _silent_loser() -> Any:
    merged = merge.merge
    return patch.object(plan, "merge", lambda *given: replace(merged(*given), lost=()))


def _unmapped_words_overwritten() -> Any:
    return patch.object(
        fields.Status, "word", lambda self, value, *, closed: "done" if value == "Completed" else "open"
    )


def _import_twice() -> Any:
    def strangers(store: Any, org: Any, **wanted: Any) -> Any:
        wanted.pop("keys", None)
        return store(org, **wanted)

    page = inbound._observe_page

    def keyless(round_: Any, answered: Any, moment: Any, **more: Any) -> None:
        rows = [replace(row, key="") for row in answered.rows]
        page(round_, replace(answered, rows=rows), moment, **more)

    assert strangers
    return patch.object(inbound, "_observe_page", keyless)


def _send_everything() -> Any:
    from tests.simulation.store_memory import MemoryStore

    def all_of_them(self: Any, seat: Any) -> list[int]:
        return [
            row.id
            for row in self.reminders.values()
            if row.owner == seat.member and row.id not in self.by_reminder and row.deleted_at is None
        ]

    return patch.object(MemoryStore, "without_link", all_of_them)


def _no_back_off() -> Any:
    failed = settle._failed
    return patch.object(settle, "_failed", lambda *given: replace(failed(*given), not_before=None))


def _never_parked() -> Any:
    refused = settle._refused

    def again(*given: Any, **looked: Any) -> Any:
        settled = refused(*given, **looked)
        return replace(settled, link=replace(settled.link, parked=False, rev_done=None))

    return patch.object(settle, "_refused", again)


def _delete_not_reread() -> Any:
    whole = plan._deleted_here

    def at_once(base: Any, seen: Any, deleted_at: Any, moment: Any) -> Any:
        step = whole(base, seen, deleted_at, moment)
        return plan.Erase() if isinstance(step, plan.Reread) else step

    return patch.object(plan, "_deleted_here", at_once)


def _duplicate_is_refused() -> Any:
    doubt = settle._create

    def refused(pair: Any, intent: Any, outcome: Any, rows: Any, read_at: Any, now: Any) -> Any:
        if isinstance(outcome, Refused) and outcome.why is Why.DUPLICATE:
            return settle.Settled(settle._failed(pair.link, outcome, now))
        return doubt(pair, intent, outcome, rows, read_at, now)

    return patch.object(settle, "_create", refused)


def _no_intent_on_disk() -> Any:
    def unsaved(round_: Any, pair: Any, op: Any, carried: Any, moment: Any) -> Any:
        seen = pair.link.seen
        intent = outbound.Intent(op, carried, seen.stamp if seen else None, moment.now, moment.lease)
        return replace(pair, intent=intent)

    return patch.object(outbound, "_open", unsaved)


def _look_without_bin() -> Any:
    from tests.simulation.salesforce_port import SimulatedSalesforce

    by_key = SimulatedSalesforce._by_key

    def alive(self: Any, keys: Any) -> Any:
        return [row for row in by_key(self, keys) if not row.deleted]

    return patch.object(SimulatedSalesforce, "_by_key", alive)


def _upsert() -> Any:
    from tests.simulation.salesforce_port import Write

    do = Write.__call__

    def upserting(self: Any, tx: Any, hidden: Any) -> str:
        key_field = next((f for f in self.fields if f == "Tandem_Key__c"), None)
        if self.op != "create" or key_field is None:
            return do(self, tx, hidden)
        identifier, _ = tx.upsert("Task", key_field, self.about, dict(self.fields))
        return str(identifier)

    return patch.object(Write, "__call__", upserting)


def _undelete_ignored() -> Any:
    return patch.object(
        observe, "_closed", lambda pair, link, seen: observe.Observed(link, observe.News.NONE)
    )


def _no_revival() -> Any:
    return patch.object(plan, "_closed", lambda link, ours: plan.Nothing())


def _late_tie_is_guessed() -> Any:
    whole = observe._open

    def guessed(link: Any, seen: Any, *, asked: bool) -> Any:
        old = link.seen
        if old is not None and (seen.stamp, seen.read_at) == (old.stamp, old.read_at) and old != seen:
            return observe.Observed(link, observe.News.NONE)
        return whole(link, seen, asked=asked)

    return patch.object(observe, "_open", guessed)


def _every_round_writes() -> Any:
    opened = observe._open

    def restless(link: Any, seen: Any, *, asked: bool) -> Any:
        observed = opened(link, seen, asked=asked)
        if observed.news is observe.News.NONE:
            return observe.Observed(replace(link, seen=seen, rev_done=None), observe.News.SEEN)
        return observed

    return patch.object(observe, "_open", restless)


def _rereads_for_ever() -> Any:
    return patch.object(outbound, "_wait_a_second", lambda round_, link, moment: None)


def _deletion_not_read_back() -> Any:
    whole = settle._delete

    def silent(*given: Any) -> Any:
        return replace(whole(*given), lost=())

    return patch.object(settle, "_delete", silent)


def _delete_log_unread() -> Any:
    return patch.object(inbound, "_mark_deleted", lambda round_, sf_ids, read_at: None)


def _no_sweep() -> Any:
    stack = ExitStack()
    stack.enter_context(patch.object(inbound, "sweep", lambda round_, twins: None))
    stack.enter_context(patch.object(outbound, "sweep", lambda round_, twins: None))
    return stack


def _guard_open() -> Any:
    return patch.object(inbound, "too_many_deletions", lambda deletions, live: False)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "M1",
        "late-visible stamp",
        "the poll overlaps the one before by ten minutes",
        400,
        (_set(inbound, "OVERLAP", timedelta(0)),),
    ),
    Mutant("M2", "change during the run", "the cursor is the time the poll began", 400, (_cursor_at_end,)),
    Mutant(
        "M3", "concurrent remote edit", "If-Unmodified-Since on every update", 400, (_unconditional_patch,)
    ),
    Mutant(
        "M4",
        "time-out after commit, on create",
        "mode B looks, and waits until no attempt can land",
        4_000,
        (
            _set(resolve, "_must_wait", lambda round_, intent, now: False),
            _set(resolve, "_look", lambda round_, creates: list(creates)),
        ),
    ),
    Mutant(
        "M5",
        "local edit while the call is out",
        "settle with what the intent carried",
        1_000,
        (_settled_with_present_values,),
    ),
    Mutant(
        "M6",
        "crash between base and effect",
        "the base moves on acknowledgement",
        1_000,
        (_base_before_the_call,),
    ),
    Mutant("M7", "other fields edited remotely, unmapped word", "changed fields only", 400, (_full_record,)),
    Mutant(
        "M8",
        "request lands after we gave up",
        "an unknown write is never replaced",
        2_000,
        (_unknown_is_replaced,),
    ),
    Mutant("M9", "own write seen as news", "the base is compared, not the author", 400, (_echo_is_news,)),
    Mutant(
        "M10", "duplicated, reordered, stale pages", "the order (stamp, read_at)", 4_000, (_order_ignored,)
    ),
    Mutant(
        "M11",
        "remote edit just before our DELETE",
        "a DELETE only follows a fresh, unchanged read",
        400,
        (_unguarded_delete,),
    ),
    Mutant("M12", "lost sharing", "absence is never deletion", 4_000, (_absence_is_deletion,)),
    Mutant(
        "M13",
        "two workers, lease expired, long pause",
        "the lease and the intent's opener",
        1_000,
        (_no_fencing,),
    ),
    Mutant("M14", "person edits between lost create and retry", "INSERT, never upsert", 8_000, (_upsert,)),
    Mutant(
        "M15", "create, delete, late rows", "a closed link is a tombstone", 1_000, (_forgotten_tombstone,)
    ),
    Mutant("M16", "-", "both sides of the base move together", 400, (_base_drifts,)),
    Mutant(
        "M17",
        "two edits in one second",
        "never write on a version read within its own second",
        2_000,
        (_set(plan, "SAME_SECOND", timedelta(0)),),
    ),
    Mutant(
        "M18",
        "crash after send, then a certain refusal on retry",
        "attempts in doubt make refusals uncertain",
        4_000,
        (_refusal_is_certain,),
    ),
    Mutant(
        "M19",
        "late create lands after its twin was deleted",
        "the sweep of second records",
        12_000,
        (_no_sweep,),
    ),
    Mutant(
        "M21",
        "the poll sees our record while its create is open",
        "observe leaves it to resolve",
        12_000,
        (_poll_adopts,),
    ),
    Mutant(
        "no overwrite log", "concurrent edits", "the loser of a conflict is logged", 400, (_silent_loser,)
    ),
    Mutant(
        "delete over edit",
        "deleted there, edited here",
        "an edit is never destroyed by a delete",
        400,
        (_delete_over_edit,),
    ),
    Mutant(
        "no opinion taken for a word",
        "unmapped word",
        "In Progress is no word of ours",
        400,
        (_unmapped_words_overwritten,),
    ),
    Mutant("key ignored", "5xx after", "a record with our key is never imported", 1_000, (_import_twice,)),
    Mutant(
        "old reminders sent",
        "first sync",
        "FS-2: only what is made after switching on goes out",
        400,
        (_send_everything,),
    ),
    Mutant("no back-off", "row lock, read-only org", "each pair backs off by itself", 400, (_no_back_off,)),
    Mutant(
        "never parked", "refusing rule", "what a rule refuses waits for a person", 4_000, (_never_parked,)
    ),
    Mutant(
        "delete not re-read",
        "remote edit just before our DELETE",
        "a DELETE follows a read of its own round",
        400,
        (_delete_not_reread,),
    ),
    Mutant(
        "duplicate is a refusal",
        "lost after",
        "DUPLICATE_VALUE means: adopt",
        4_000,
        (_duplicate_is_refused,),
    ),
    Mutant("no intent on disk", "crash", "the intent is stored before the call", 100, (_no_intent_on_disk,)),
    Mutant(
        "look without the bin",
        "lost create deleted by a person",
        "the look-up includes the bin",
        8_000,
        (_look_without_bin,),
    ),
    Mutant(
        "un-delete ignored",
        "un-delete",
        "a task un-deleted there comes back here",
        2_000,
        (_undelete_ignored,),
    ),
    Mutant("no revival", "a delete taken back", "a revived reminder gets a new task", 1_000, (_no_revival,)),
    Mutant(
        "every round writes", "duplicated pages", "an unchanged row is no news", 100, (_every_round_writes,)
    ),
    Mutant(
        "no second's rest",
        "two edits in one second",
        "a version too young is waited out",
        400,
        (_rereads_for_ever,),
    ),
    Mutant(
        "bin not read",
        "remote edit just before our DELETE",
        "what died with a record is read from the bin",
        8_000,
        (_deletion_not_read_back,),
    ),
    Mutant(
        "delete log unread",
        "reassigned, then deleted",
        "getDeleted is a second witness",
        8_000,
        (_delete_log_unread,),
    ),
    Mutant(
        "cursor unfenced", "two workers", "only the lease's holder moves the cursor", 400, (_cursor_unfenced,)
    ),
    Mutant(
        "mass deletion unguarded",
        "mass deletion",
        "many deletions at once wait for a person",
        2_000,
        (_guard_open,),
    ),
)


def main(names: list[str]) -> None:
    """Print on what each mutant dies: the table of docs/faults.md. Names narrow it."""
    print("| mutant | what goes wrong | the guard it removes | dies within | first kill | breaks |")
    print("|---|---|---|---|---|---|")
    for mutant in MUTANTS:
        if not names or mutant.name in names:
            where, what = first_kill(mutant) or ("**survives**", "–")
            print(
                f"| {mutant.name} | {mutant.rule} | {mutant.guard} | {mutant.budget:,} | {where} | {what} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
