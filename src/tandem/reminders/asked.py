"""Which of their tasks does a member ask to see? Pure: the words of an address, and the address of those words.

Every view of the Command Center is an address, so that it can be kept, sent, and gone back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

Show = Literal["due", "overdue", "week", "all", "done", "salesforce"]
#: Choosing several tasks: not at all, none of them ticked yet, or all on the page.
Choose = Literal["", "some", "all"]

SHOWS: tuple[Show, ...] = get_args(Show)
LONGEST_TEXT = 200
#: No list that a person reads has more pages; a database has numbers that are larger than it can take.
LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be shown: which tasks, those with which words, which page of them, and whether to choose some."""

    show: Show = "due"
    text: str = ""
    page: int = 1
    choose: Choose = ""

    @property
    def query(self) -> str:
        """As the end of an address: "" for what is shown unasked, else "?show=…"."""
        said = {
            "show": self.show if self.show != "due" else "",
            "q": self.text,
            "page": str(self.page) if self.page > 1 else "",
            "choose": self.choose,
        }
        words = urlencode({name: value for name, value in said.items() if value})
        return f"?{words}" if words else ""

    def on_page(self, page: int) -> Asked:
        """The same on another page, with nothing chosen."""
        return replace(self, page=page, choose="some" if self.choose else "")

    def choosing(self, choose: Choose) -> Asked:
        """The same, to choose several or not."""
        return replace(self, choose=choose)


#: The Command Center as it opens (CC-9).
UNASKED = Asked()


def asked(words: Mapping[str, str]) -> Asked:
    """What an address asks for; whatever it says that nobody offered, is as good as left out."""
    text = " ".join(words.get("q", "").replace("\0", "").split())[:LONGEST_TEXT]
    show = words.get("show", "")
    page = words.get("page", "")
    choose = words.get("choose", "")
    known: Show = show if show in SHOWS else "due"
    if text and known == "due":
        known = "all"  # who searches wants to find, not to be told that it is not due today
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 8 else 1
    chosen: Choose = "all" if choose == "all" else "some" if choose else ""
    return Asked(known, text, min(max(number, 1), LAST_PAGE), chosen)


def asked_by(address: str | None) -> Asked:
    """What the page at `address` asked for: whole, or its end only."""
    return asked(dict(parse_qsl(urlsplit(address or "").query)))
