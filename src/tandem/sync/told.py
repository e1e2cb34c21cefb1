"""What a round or a preview did, in a sentence for the terminal. Pure."""

from __future__ import annotations

from tandem.sync.preview import Preview
from tandem.sync.round import Report


def told(report: Report | None) -> str:
    """One line: what travelled, what waits, what it cost."""
    if report is None:
        return "nothing done: another worker has this org, or it waits for API calls"
    parts = [
        f"{count} {what}"
        for count, what in (
            (report.imported, "imported"),
            (report.changed_here, "changed here"),
            (report.removed_here, "removed here"),
            (report.created, "created there"),
            (report.updated, "updated there"),
            (report.deleted, "deleted there"),
            (report.logged, "logged there"),
            (report.amended, "brought up to date there"),
            (report.held, "held for review"),
            (report.lost, "gave way (see conflicts)"),
            (report.parked, "need you"),
            (report.deletions_held, "deletions held until you approve them"),
        )
        if count
    ]
    cost = f"{report.calls} API call{'' if report.calls == 1 else 's'}"
    line = f"{', '.join(parts) or 'in step'} · {cost}"
    return f"{line} · {report.trouble}" if report.trouble else line


def previewed(preview: Preview) -> str:
    """The line of P4: what switching on would do."""
    return (
        f"{preview.to_import} tasks to import · {preview.to_remove} to remove · {preview.to_send} to send · "
        f"about {preview.calls} API calls"
    )
