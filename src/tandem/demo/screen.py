"""How the demo shows itself: colours and a moving bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


class Screen:
    """What the tour may show."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def title(self, text: str) -> None:
        """A heading."""
        self._console.print(f"\n[bold]{text}[/bold]")

    def line(self, text: str) -> None:
        """A plain line."""
        self._console.print(text, markup=False)

    def step(self, what: str, arrived: str, calls: int, *, good: bool) -> None:
        """One step of the tour: what was done, what arrived, what it cost."""
        mark = "[green]✓[/green]" if good else "[red]✗[/red]"
        cost = f"{calls} API call{'' if calls == 1 else 's'}"
        self._console.print(f"{mark} {what} [dim]→[/dim] {arrived} [dim]· {cost}[/dim]")

    def bar(
        self, label: str, progress: Callable[[], tuple[int, int | None]], done: Callable[[], bool]
    ) -> None:
        """Show (done, total) until `done`; in a pipe one line at the end."""
        if not self._console.is_terminal:
            while not done():
                pass
            reached, total = progress()
            self.line(f"{label}: {reached} of {total or reached}")
            return
        columns = (TextColumn(label), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=self._console) as shown:
            task = shown.add_task(label, total=None)
            while not done():
                reached, total = progress()
                shown.update(task, completed=reached, total=total)
            reached, total = progress()
            shown.update(task, completed=reached, total=total or reached)
