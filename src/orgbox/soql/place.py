"""How Salesforce points at the place in a query that it refuses.

The answer repeats the text around the place, marks it with ^, and gives its row and column (both from 1):

    FROM Task WHERE Description = 'x'
                    ^
    ERROR at Row:1:Column:31
    field 'Description' can not be filtered in a query call

The excerpt stays on its line. It reaches 30 characters to either side, then on to the end of the word.
"""

from __future__ import annotations

from orgbox.errors import OrgError

_REACH = 30
_BETWEEN_WORDS = " \t\r\n,"


def refusal(code: str, message: str, text: str, at: int) -> OrgError:
    """The error for the query `text` whose trouble begins at offset `at` (may be the end of the text)."""
    row_start = text.rfind("\n", 0, at) + 1
    row_end = text.find("\n", at)
    row_end = len(text) if row_end < 0 else row_end

    start = max(row_start, at - _REACH)
    while start > row_start and text[start - 1] not in _BETWEEN_WORDS:
        start -= 1
    end = min(row_end, at + _REACH)
    while end < row_end and text[end] not in _BETWEEN_WORDS:
        end += 1

    row, column = row_and_column(text, at)
    marker = " " * (at - start) + "^"
    return OrgError(code, f"\n{text[start:end]}\n{marker}\nERROR at Row:{row}:Column:{column}\n{message}")


def row_and_column(text: str, at: int) -> tuple[int, int]:
    """Where offset `at` lies, both counted from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
