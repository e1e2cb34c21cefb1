"""How do many histories go? Runs a range of seeds on every core, and says what happened to how many.

    python -m tests.simulation.simulate SEEDS=200000              seeds 0 to 199,999, all cores
    python -m tests.simulation.simulate SEEDS=1000 FROM=500000    other seeds
    python -m tests.simulation.simulate SEEDS=1000 CORES=1 KEEP=5 one core; keep at most five broken tapes
    python -m tests.simulation.simulate SEEDS=1000 STORE=django   over the production store, compared with memory

Ctrl-C ends it early, with the table of what has run. Ends with 1 when a promise was broken; each broken tape is shrunk and kept under found/.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tests.simulation.both_stores import breaks_on_either, first_difference, play
from tests.simulation.databases import in_django, in_memory
from tests.simulation.faults import FAULTS
from tests.simulation.regions import REGIONS
from tests.simulation.shrink import shrink
from tests.simulation.story import breaks, broken, save
from tests.simulation.tape import seeded
from tests.simulation.world import World

CHUNK = 50


@dataclass
class Tally:
    """What some histories came to."""

    histories: int = 0
    turns: int = 0
    our_writes: int = 0
    acts: int = 0
    calls: int = 0
    cpu: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take another tally into this one."""
        self.histories += other.histories
        self.turns += other.turns
        self.our_writes += other.our_writes
        self.acts += other.acts
        self.calls += other.calls
        self.cpu += other.cpu
        self.faults.update(other.faults)
        self.cells.update(other.cells)
        self.broken += other.broken


def tally(seeds: Sequence[int], store: str = "memory") -> Tally:
    """Run these histories, one after the other."""
    total = Tally()
    began = time.process_time()
    for seed in seeds:
        world, found = _STORES[store](seed)
        total.histories += 1
        total.turns += world.steps
        total.our_writes += world.there.our_writes
        total.acts += world.people.acts
        total.calls += world.calls
        total.faults.update(world.counts)
        total.cells.update(world.cells)
        if found is not None:
            total.broken.append((seed, *found))
    total.cpu = time.process_time() - began
    return total


def _in_memory(seed: int) -> tuple[World, tuple[str, str] | None]:
    world = World(seeded(seed))
    return world, broken(world)


def _in_django(seed: int) -> tuple[World, tuple[str, str] | None]:
    """Broken is also what differs from memory."""
    of_memory, of_django = play(seeded(seed), in_memory), play(seeded(seed), in_django)
    apart = first_difference(of_memory, of_django)
    return of_django.world, of_django.ending or (None if apart is None else ("stores", apart))


_STORES = {"memory": _in_memory, "django": _in_django}


def parts(first: int, count: int) -> Iterator[range]:
    """The seeds in handy parts."""
    for start in range(first, first + count, CHUNK):
        yield range(start, min(start + CHUNK, first + count))


def simulate(first: int, count: int, cores: int, console: Console, store: str = "memory") -> Tally:
    """Run them all, with a bar that says how far it is; Ctrl-C ends it with what there is."""
    total = Tally()
    columns = (TextColumn("histories"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        multiprocessing.get_context("fork").Pool(cores, _leave_ctrl_c_to_the_driver) as pool,
        Progress(*columns, TextColumn("[red]{task.fields[bad]}"), console=console) as progress,
        suppress(KeyboardInterrupt),
    ):
        task = progress.add_task("", total=count, bad="")
        for one in pool.imap_unordered(partial(tally, store=store), parts(first, count)):
            total.add(one)
            bad = f"{len(total.broken)} broken" if total.broken else ""
            progress.update(task, advance=one.histories, bad=bad)
    return total


def _leave_ctrl_c_to_the_driver() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def table(total: Tally) -> Table:
    """Each fault: how often it struck, and how often it met a pair in each state."""
    shown = Table(title="what struck, and in which state it met a pair")
    shown.add_column("fault")
    shown.add_column("struck", justify="right")
    for region in REGIONS:
        shown.add_column(region, justify="right")
    for fault in FAULTS:
        cells = (total.cells[region, fault] for region in REGIONS)
        shown.add_row(fault, f"{total.faults[fault]:,}", *(f"{count:,}" if count else "·" for count in cells))
    return shown


def main(arguments: Sequence[str]) -> int:
    """The command above."""
    given = dict(argument.split("=", 1) for argument in arguments)
    unknown = given.keys() - {"SEEDS", "FROM", "CORES", "KEEP", "STORE"}
    store = given.get("STORE", "memory")
    if unknown or store not in _STORES:
        print(__doc__)
        return 2
    count, first = int(given.get("SEEDS", "20000")), int(given.get("FROM", "0"))
    cores = int(given.get("CORES", os.cpu_count() or 1))
    console = Console(width=220 if not sys.stdout.isatty() else None)
    began = time.perf_counter()
    total = simulate(first, count, cores, console, store)
    seconds = time.perf_counter() - began
    console.print(table(total))
    reached = sum(1 for cell in total.cells if total.cells[cell])
    console.print(
        f"seeds {first:,} to {first + count - 1:,}: {total.histories:,} histories, {total.turns:,} steps, "
        f"{total.acts:,} acts of people, {total.calls:,} API calls, {total.our_writes:,} rows written there by us, "
        f"{reached} of {len(REGIONS) * len(FAULTS)} cells reached; {len(total.broken)} violations; "
        f"{seconds:,.0f} s on {cores} core(s), {total.histories / seconds * 60:,.0f} histories a minute, "
        f"{total.histories / total.cpu * 60:,.0f} a minute of one core's time"
    )
    if total.broken:  # all of them, however many are kept: a long run shall not be needed twice
        console.print("broken: " + ", ".join(f"{seed} ({name})" for seed, name, _ in sorted(total.broken)))
    for seed, invariant, what in sorted(total.broken)[: int(given.get("KEEP", "5"))]:
        console.print(f"[red]seed {seed}[/red] {what}", highlight=False)
        keep(seed, invariant, breaks if store == "memory" else breaks_on_either)
    return 1 if total.broken else 0


def keep(seed: int, invariant: str, breaks: Callable[[Sequence[int]], str | None]) -> None:
    """Shrink a broken history and keep its tape, so that it replays for ever."""
    world = World(seeded(seed))
    broken(world)
    if breaks(world.tape.taken) is not None:
        save(seed, invariant, shrink(world.tape.taken, breaks))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
