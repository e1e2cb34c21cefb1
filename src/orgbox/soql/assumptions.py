"""What SOQL does where Salesforce's documentation is silent or vague: one line each, to be checked on a real org."""

from __future__ import annotations

from typing import Final

FIRST_DAY_OF_THE_WEEK: Final = 6
"""Monday is 0. The user's locale decides; en_US starts on Sunday."""

NOT_IN_KEEPS_NULL: Final[bool] = False
"""Whether `X NOT IN ('a')` returns rows whose X is null. `X != 'a'` does."""

NULLS_FIRST_BY_DEFAULT: Final[bool] = True
"""In either direction of ORDER BY ("By default, null values are sorted first")."""
