"""What if the plan or the merge had one guard less?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from tandem.sync import fields, merge, plan
from tandem.sync.pair import Carried
from tests.simulation.mutants.mutant import constant, mutant


@mutant("M7", "other fields edited remotely, unmapped word", "changed fields only", 400)
def _full_record() -> Any:
    merged = merge.merge

    def whole(fields_: Any, ours: Any, seen: Any, base: Any, members: Any) -> Any:
        done = merged(fields_, ours, seen, base, members)
        if not done.there.sf:
            return done
        app = {**ours.values, **done.here}
        return replace(done, there=Carried(app, fields_.to_create(app)))

    return patch.object(plan, "merge", whole)


@mutant("M11", "remote edit just before our DELETE", "a DELETE only follows a fresh, unchanged read", 400)
def _unguarded_delete() -> Any:
    def at_once(base: Any, seen: Any, deleted_at: Any, moment: Any) -> Any:
        return plan.Erase()

    return patch.object(plan, "_deleted_here", at_once)


mutant("M17", "two edits in one second", "never write on a version read within its own second", 2_000)(
    constant(plan, "SAME_SECOND", timedelta(0))
)


@mutant("no overwrite log", "concurrent edits", "the loser of a conflict is logged", 400)
def _silent_loser() -> Any:
    merged = merge.merge
    return patch.object(plan, "merge", lambda *given: replace(merged(*given), lost=()))


@mutant("delete over edit", "deleted there, edited here", "an edit is never destroyed by a delete", 400)
def _delete_over_edit() -> Any:
    def remove(base: Any, ours: Any, moment: Any) -> Any:
        return plan.Close("deleted", "salesforce") if ours.deleted_at is not None else plan.Remove()

    return patch.object(plan, "_deleted_there", remove)


@mutant("no opinion taken for a word", "unmapped word", "In Progress is no word of ours", 400)
def _unmapped_words_overwritten() -> Any:
    return patch.object(
        fields.Status, "word", lambda self, value, *, closed: "done" if value == "Completed" else "open"
    )


@mutant(
    "delete not re-read",
    "remote edit just before our DELETE",
    "a DELETE follows a read of its own round",
    400,
)
def _delete_not_reread() -> Any:
    whole = plan._deleted_here

    def at_once(base: Any, seen: Any, deleted_at: Any, moment: Any) -> Any:
        step = whole(base, seen, deleted_at, moment)
        return plan.Erase() if isinstance(step, plan.Reread) else step

    return patch.object(plan, "_deleted_here", at_once)


@mutant("no revival", "a delete taken back", "a revived reminder gets a new task", 1_000)
def _no_revival() -> Any:
    return patch.object(plan, "_closed", lambda link, ours: plan.Nothing())
