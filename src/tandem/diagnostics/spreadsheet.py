"""The problems as a file for a spreadsheet, in which no cell can become a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from tandem.diagnostics.items import Item
from tandem.salesforce.retries import category_of

#: What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: Any) -> str:
    """The cell as text; one that a spreadsheet would calculate begins with an apostrophe."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def lines(items: Iterable[Item]) -> Iterator[str]:
    """The file line by line, however long it is; a byte order mark first, so that Excel reads it as UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(
        [
            _("Code"),
            _("Category"),
            _("What"),
            _("Name"),
            _("Member"),
            _("Org"),
            _("State"),
            _("First seen"),
            _("Last seen"),
            _("Next try"),
            _("What happened"),
            _("Salesforce said"),
        ]
    )
    for item in items:
        row, why = item.row, item.explanation
        yield writer.writerow(
            [
                safe(cell)
                for cell in (
                    row.error_code,
                    category_of(row.error_code),
                    item.what,
                    item.title,
                    getattr(row, "member", ""),
                    row.org,
                    _("Needs you") if row.parked else _("Tried again by itself"),
                    *(
                        at.isoformat(timespec="seconds") if at else ""
                        for at in (row.error_first_at, row.error_last_at, row.not_before)
                    ),
                    f"{why.happened} {why.means} {why.do}",
                    why.said,
                )
            ]
        )


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line
