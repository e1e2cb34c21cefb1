"""What a person does about problems, by names that a form carries: only to what they may see, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from tandem.accounts.models import Member
from tandem.diagnostics.items import Item, Items, item_of
from tandem.diagnostics.problems import causes
from tandem.diagnostics.rows import Filter, Kind, kinds_of, rows_of
from tandem.sync import cures
from tandem.sync.models import ActivityLink, Link

#: Skipped in one go: what a session can carry for Undo. Whoever has more of one cause has it mended, not skipped.
MOST = 1_000

_AGAIN: Mapping[Kind, Any] = {
    "task": cures.retry_links,
    "log": cures.log_links_again,
    "record": cures.make_again,
    "unsubscribe": cures.opt_out_again,
}


def named(viewer: Member, keys: Iterable[str]) -> list[Item]:
    """The items of these names ("task:7") that this member may see; others are as good as not named."""
    found = []
    for key in keys:
        kind, _, pk = key.partition(":")
        if kind in get_args(Kind) and pk.isascii() and pk.isdigit():
            item = item_of(viewer, kind, int(pk))  # type: ignore[arg-type]  # just looked up
            found += [item] if item is not None else []
    return found


def retry_items(items: Iterable[Item]) -> int:
    """Each once more, now."""
    return sum(_AGAIN[item.kind](type(item.row).objects.filter(pk=item.row.pk)) for item in items)


def retry_all(wanted: Filter) -> int:
    """All that the filter names once more, now; orgs that wait, wait no longer; warnings are forgotten."""
    for cause in causes(wanted):
        for org in cause.orgs:
            cures.try_org_now(org)
        for warning in cause.warnings:
            cures.forget_warning(warning)
    return sum(_AGAIN[kind](_plain(kind, wanted)) for kind in kinds_of(wanted))


def skip_items(items: Iterable[Item]) -> dict[str, list[int]]:
    """Each that may be skipped is; what Undo has to know of it."""
    done: dict[str, list[int]] = {"task": [], "log": []}
    for item in items:
        if (item.kind == "task" and cures.skip(item.row)) or (
            item.kind == "log" and cures.skip_log(item.row)
        ):
            done[item.kind].append(item.row.pk)
    return done


def skip_all(wanted: Filter) -> dict[str, list[int]]:
    """As skip_items, for the first MOST of what the filter names."""
    return skip_items(item for item in Items(wanted)[:MOST] if item.can_be_skipped)


def undo_skip(viewer: Member, done: Mapping[str, list[int]]) -> int:
    """Shows them again, as far as they are this member's to see."""
    tasks, logs = Link.objects.filter(pk__in=done["task"]), ActivityLink.objects.filter(pk__in=done["log"])
    if viewer.role != Member.Role.ADMIN:
        tasks, logs = tasks.filter(member=viewer), logs.filter(member=viewer)
    return cures.unskip(tasks) + cures.unskip_logs(logs)


def _plain(kind: Kind, wanted: Filter) -> Any:
    """The rows without what lists need of them, so that one UPDATE reaches them."""
    rows = rows_of(kind, wanted)
    return rows.model.objects.filter(pk__in=rows.order_by().values("pk"))
