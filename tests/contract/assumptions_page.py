"""The page of what orgbox takes for granted, made of what it says itself.   usage: python -m tests.contract.assumptions_page"""

from __future__ import annotations

import re
from pathlib import Path

from orgbox.http import assumptions as of_http
from orgbox.schema import assumptions as of_records
from tests.contract.statements import PROVED

ASSUMPTIONS = (*of_records.ASSUMPTIONS, *of_http.ASSUMPTIONS)
PAGE = Path(__file__).parents[2] / "docs/orgbox-assumptions.md"
_HEAD = """# What orgbox takes for granted

Salesforce's documentation leaves things open, and some of what is known of them is hearsay. Each row is one such statement, the
place in `src/orgbox` that stands on it, and the check that settles it. Whoever finds otherwise on a real org corrects the place and removes the row
of [src/orgbox/schema/assumptions.py](../src/orgbox/schema/assumptions.py) or
[src/orgbox/http/assumptions.py](../src/orgbox/http/assumptions.py), of which this page is made.

What the query language assumes in a yes or no are switches, in [src/orgbox/soql/assumptions.py](../src/orgbox/soql/assumptions.py).

## Against a real org

```sh
make contract ORG=https://yours.my.salesforce.com ORG_TOKEN=00D...
```

asks a Developer Edition org, or a sandbox, what the rows with a mark say ([tests/contract/test_statements.py](../tests/contract/test_statements.py));
without ORG it asks orgbox. A session id comes from `sf org auth show-access-token`, best that of an administrator.

It says first what the org is, and ends there when people work in it ([tests/contract/asked.py](../tests/contract/asked.py)). Then it makes some forty
Tasks, Leads, Contacts and Accounts, named `orgbox contract test` wherever the words do not matter, and deletes each of them by its id
after the test that made it; they stay in the recycle bin for fifteen days. It changes and deletes no other record, assigns no lead and so writes to
nobody, and takes some 200 API calls and three minutes. What it cannot delete it names. An org's own validation rules, triggers and required fields can refuse what it makes:
take an org without them. Nobody has run it against a real org yet.

"""


def page() -> str:
    """The whole page."""
    rows = "\n".join(
        f"| {_cell(each.statement)} | `{each.used_in}` | {_cell(each.check)} | {'yes' if _is_asked(each.statement) else ''} |"
        for each in ASSUMPTIONS
    )
    asked = sum(_is_asked(each.statement) for each in ASSUMPTIONS)
    return (
        f"{_HEAD}{len(ASSUMPTIONS)} statements, {asked} of them asked by `make contract`.\n\n"
        f"| statement | stands on it | check | asked |\n|---|---|---|---|\n{rows}\n"
    )


def _is_asked(statement: str) -> bool:
    return any(statement.startswith(start) for start in PROVED)


def _cell(text: str) -> str:
    return re.sub(r"[|<>*_]", lambda found: "\\" + found[0], text)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
