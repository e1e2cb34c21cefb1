"""What if the engine sent, settled or resolved with one guard less?"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from tandem.sync import inbound, outbound, resolve, round, settle
from tandem.sync.pair import Base, Carried
from tandem.sync.ports import Refused, Why
from tests.simulation.mutants.mutant import mutant


@mutant("M3", "concurrent remote edit", "If-Unmodified-Since on every update", 400)
def _unconditional_patch() -> Any:
    from tandem.sync import outbound as module

    def unconditional(salesforce: Any, batch: Any) -> Any:
        from tandem.sync.ports import Patch as Row

        never = datetime.max.replace(tzinfo=batch[0].intent.unless_modified_since.tzinfo)
        return salesforce.patch([Row(p.link.sf_id, p.intent.carried.sf, never) for p in batch])

    return patch.dict(module._CALLS, {"update": unconditional})


@mutant("M4", "time-out after commit, on create", "mode B looks, and waits until no attempt can land", 4_000)
def _neither_looks_nor_waits() -> Any:
    stack = ExitStack()
    stack.enter_context(patch.object(resolve, "_must_wait", lambda round_, intent, now: False))
    stack.enter_context(patch.object(resolve, "_look", lambda round_, creates: list(creates)))
    return stack


@mutant("M5", "local edit while the call is out", "settle with what the intent carried", 1_000)
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


@mutant("M6", "crash between base and effect", "the base moves on acknowledgement", 1_000)
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


@mutant("M8", "request lands after we gave up", "an unknown write is never replaced", 2_000)
def _unknown_is_replaced() -> Any:
    def forget(link: Any, intent: Any, outcome: Any, now: Any) -> Any:
        return settle.Settled(settle._failed(link, outcome, now))

    return patch.object(settle, "_in_doubt", forget)


@mutant("M9", "own write seen as news", "the base is compared, not the author", 400)
def _echo_is_news() -> Any:
    shown = settle._shown

    def echo(link: Any, row: Any, read_at: Any) -> Any:
        link = shown(link, row, read_at)
        return (
            replace(link, base=replace(link.base, sf={**link.base.sf, "details": "?"})) if link.base else link
        )

    return patch.object(settle, "_shown", echo)


@mutant("M13", "two workers, lease expired, long pause", "the lease and the intent's opener", 1_000)
def _no_fencing() -> Any:
    stack = ExitStack()
    stack.enter_context(patch.object(outbound, "_still_ours", lambda stored, sent: stored is not None))
    stack.enter_context(patch.object(round.Round, "before_call", lambda self: None))
    return stack


@mutant("M14", "person edits between lost create and retry", "INSERT, never upsert", 8_000)
def _upsert() -> Any:
    from tests.simulation.calls import Write

    do = Write.__call__

    def upserting(self: Any, tx: Any, hidden: Any) -> str:
        key_field = next((f for f in self.fields if f == "Tandem_Key__c"), None)
        if self.op != "create" or key_field is None:
            return do(self, tx, hidden)
        identifier, _ = tx.upsert("Task", key_field, self.about, dict(self.fields))
        return str(identifier)

    return patch.object(Write, "__call__", upserting)


@mutant("M16", "-", "both sides of the base move together", 400)
def _base_drifts() -> Any:
    def one_side(base: Any, intent: Any, there: Any, row: Any) -> Any:
        if base is None:
            return None
        app = {**base.app, **intent.carried.app}
        return Base(app, base.sf, row.stamp if row else base.stamp)

    return patch.object(settle, "_agreed", one_side)


@mutant(
    "M18",
    "crash after send, then a certain refusal on retry",
    "attempts in doubt make refusals uncertain",
    4_000,
)
def _refusal_is_certain() -> Any:
    refused = settle._refused

    def certain(pair: Any, link: Any, intent: Any, *more: Any, **looked: Any) -> Any:
        return refused(pair, link, replace(intent, doubt_until=None), *more, **looked)

    return patch.object(settle, "_refused", certain)


@mutant("M19", "late create lands after its twin was deleted", "the sweep of second records", 12_000)
def _no_sweep() -> Any:
    stack = ExitStack()
    stack.enter_context(patch.object(inbound, "sweep", lambda round_, twins: None))
    stack.enter_context(patch.object(outbound, "sweep", lambda round_, twins: None))
    return stack


@mutant("no back-off", "row lock, read-only org", "each pair backs off by itself", 4_000)
def _no_back_off() -> Any:
    failed = settle._failed
    return patch.object(settle, "_failed", lambda *given: replace(failed(*given), not_before=None))


@mutant("never parked", "refusing rule", "what a rule refuses waits for a person", 4_000)
def _never_parked() -> Any:
    refused = settle._refused

    def again(*given: Any, **looked: Any) -> Any:
        settled = refused(*given, **looked)
        return replace(settled, link=replace(settled.link, parked=False, rev_done=None))

    return patch.object(settle, "_refused", again)


@mutant("duplicate is a refusal", "lost after", "DUPLICATE_VALUE means: adopt", 4_000)
def _duplicate_is_refused() -> Any:
    doubt = settle._create

    def refused(pair: Any, intent: Any, outcome: Any, rows: Any, read_at: Any, now: Any) -> Any:
        if isinstance(outcome, Refused) and outcome.why is Why.DUPLICATE:
            return settle.Settled(settle._failed(pair.link, outcome, now))
        return doubt(pair, intent, outcome, rows, read_at, now)

    return patch.object(settle, "_create", refused)


@mutant("no intent on disk", "crash", "the intent is stored before the call", 100)
def _no_intent_on_disk() -> Any:
    def unsaved(round_: Any, pair: Any, op: Any, carried: Any, moment: Any) -> Any:
        seen = pair.link.seen
        intent = outbound.Intent(op, carried, seen.stamp if seen else None, moment.now, moment.lease)
        return replace(pair, intent=intent)

    return patch.object(outbound, "_open", unsaved)


@mutant("look without the bin", "lost create deleted by a person", "the look-up includes the bin", 8_000)
def _look_without_bin() -> Any:
    from tests.simulation.salesforce_port import SimulatedSalesforce

    by_key = SimulatedSalesforce._by_key

    def alive(self: Any, keys: Any) -> Any:
        return [row for row in by_key(self, keys) if not row.deleted]

    return patch.object(SimulatedSalesforce, "_by_key", alive)


@mutant("no second's rest", "two edits in one second", "a version too young is waited out", 400)
def _rereads_for_ever() -> Any:
    return patch.object(outbound, "_wait_a_second", lambda round_, link, moment: None)


@mutant(
    "bin not read",
    "remote edit just before our DELETE",
    "what died with a record is read from the bin",
    8_000,
)
def _deletion_not_read_back() -> Any:
    whole = settle._delete

    def silent(*given: Any) -> Any:
        return replace(whole(*given), lost=())

    return patch.object(settle, "_delete", silent)
