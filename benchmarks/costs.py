"""What does it cost in API calls, against members, links and changes?   usage: python -m benchmarks.costs [LINKS=10000]

Counts and not times: the same on every machine, however busy. orgbox counts the calls, not Tandem.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import stage

Point = tuple[int, float]


def slope(points: list[Point]) -> float:
    """Calls for each one more, by least squares."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    across = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / across if across else 0.0


def curves(links: int) -> dict[str, Any]:
    """Every curve: what it counts, its points, its slope, and what was expected of it."""
    import pytest
    from tests.sync.desk import Desk, open_desk

    def on_a_desk(count: Callable[[Desk, int], int], sizes: list[int]) -> list[Point]:
        points = []
        for size in sizes:
            monkeypatch = pytest.MonkeyPatch()
            _empty()
            with open_desk(monkeypatch, daily_api_requests=10_000_000) as desk:
                points.append((size, count(desk, size)))
            monkeypatch.undo()
        return points

    def round_costs(desk: Desk) -> int:
        before = desk.calls
        desk.round(next(iter(desk.connections)))
        return desk.calls - before

    def idle(desk: Desk, members: int, *, team: bool) -> int:
        for number in range(members):
            desk.join(f"m{number}", team=team and number == 0)
            desk.switch_on(f"m{number}")
        desk.round("m0")
        desk.wait(minutes=1)
        return round_costs(desk)

    def with_links(desk: Desk, count: int) -> None:
        desk.join("anna")
        owner = desk.connections["anna"].user

        def plant() -> None:
            with desk.org.transaction() as tx:
                for number in range(count):
                    tx.insert("Task", {"Subject": f"Task {number}", "OwnerId": owner})

        desk.running.call(plant)
        desk.switch_on()
        desk.round()
        desk.wait(minutes=30)
        desk.round()
        desk.wait(minutes=1)

    def idle_with_links(desk: Desk, count: int) -> int:
        with_links(desk, count)
        return round_costs(desk)

    def audited(desk: Desk, count: int) -> int:
        from tandem.sync.services import owe_audit

        with_links(desk, count)
        plain = round_costs(desk)
        owe_audit(desk.connections["anna"].org_id, desk.clock.now())
        return round_costs(desk) - plain

    def read(desk: Desk, changes: int) -> int:
        with_links(desk, 0)
        owner = desk.connections["anna"].user

        def edit() -> None:
            with desk.org.transaction() as tx:
                for number in range(changes):
                    tx.insert("Task", {"Subject": f"News {number}", "OwnerId": owner})

        desk.running.call(edit)
        return round_costs(desk)

    def created(desk: Desk, changes: int) -> int:
        with_links(desk, 0)
        _bulk_reminders(desk, changes)
        return round_costs(desk) - 1  # the poll

    def edited(desk: Desk, changes: int) -> int:
        from django.db.models import F

        from tandem.reminders.models import Reminder

        with_links(desk, changes)
        Reminder.objects.update(details="edited", rev=F("rev") + 1)
        return round_costs(desk) - 1

    few, many = [1, 10, 25, 50], [1, 24, 240, 1_200]
    long = [0, links // 10, links // 2, links]
    found: dict[str, Any] = {}
    for name, unit, count, sizes, expected in (
        (
            "an idle round, one connection for the team",
            "members",
            lambda d, n: idle(d, n, team=True),
            few,
            "flat: 1",
        ),
        (
            "an idle round, everybody's own connection",
            "members",
            lambda d, n: idle(d, n, team=False),
            few,
            "1 a member",
        ),
        ("an idle round", "links", idle_with_links, long, "flat: 1"),
        ("the nightly audit", "links", audited, long, "1 for 2,000"),
        ("reading what changed there", "changes", read, [1, 2_000, 4_000, 8_000], "1 for 2,000"),
        ("creating what was made here", "changes", created, [1, 800, 1_600, 4_000], "1 for 800"),
        ("sending what was edited here", "changes", edited, many, "1 for 24"),
    ):
        points = on_a_desk(count, sizes)
        found[name] = {"against": unit, "points": points, "slope": slope(points), "expected": expected}
        print(
            f"{name}, calls against {unit}: {points}  slope {found[name]['slope']:.5f}  expected {expected}",
            flush=True,
        )
    return found


def _bulk_reminders(desk: Any, count: int) -> None:
    from tandem.reminders.models import Reminder

    first = desk.create("First")
    fields = {
        f.name: getattr(first, f.attname if f.is_relation else f.name) for f in Reminder._meta.concrete_fields
    }
    fields.pop("id")
    owner = fields.pop("owner")
    Reminder.objects.bulk_create(
        Reminder(**{**fields, "owner_id": owner, "name": f"New {number}"}) for number in range(count - 1)
    )


def _empty() -> None:
    """Every row of ours goes; the tables stay."""
    from django.core.management import call_command

    call_command("flush", verbosity=0, interactive=False)


def main() -> None:
    links = int(stage.asked(LINKS=10_000)["LINKS"])
    with stage.database():
        stage.keep("costs", {"machine": stage.machine(), "curves": curves(links)})


if __name__ == "__main__":
    main()
