"""Which commands of which client does docs/orgbox-clients.md say that orgbox passes? The tests try each."""

from __future__ import annotations

import re
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "orgbox-clients.md"


def documented(client: str) -> list[str]:
    """The commands in the rows of a client's table; its heading starts with the client's name."""
    section = re.search(rf"^### `{re.escape(client)}`.*?(?=^##|\Z)", _PAGE.read_text("utf-8"), re.M | re.S)
    assert section is not None, f"{_PAGE.name} has no table of {client}"
    return re.findall(r"^\| `([^`]+)` \|", section[0], re.M)
