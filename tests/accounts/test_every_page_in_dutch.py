"""Is every page Dutch for a Dutch reader? What stands on it in both languages is held against a list of names.

Every address of the table of routes and roles that shows a page, drawn twice; so a page that is added tomorrow is asked too,
and so are the forms and sentences of the libraries we use, which no catalogue of ours counts.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.db import transaction

from tandem.accounts.models import Member
from tandem.calls.values import OUTCOMES, REASONS
from tests.accounts import test_routes_and_roles as routes
from tests.accounts.test_routes_and_roles import ASKS_SALESFORCE, TABLE, World

world = routes.world

#: The same in both languages, each for a reason.
SAME = {
    # Names: of products, standards, pages that have one name everywhere
    *(
        "Tandem",
        "Salesforce",
        "Command Center",
        "Command Center · Tandem",
        "API",
        "API · Tandem",
        "STARTTLS",
        "UTC",
    ),
    *(
        "OAuth 2 (XOAUTH2: Microsoft, Google",
        "Passkeys",
        "Passkeys · Tandem",
        "Email to Salesforce (BCC",
        "Client secret",
    ),
    *("Client ID", "Consumer key", "Consumer secret", "My Domain", "Sandbox", "Salesforce-app"),
    # The same word
    *("Accounts", "Leads", "Org", "Details", "In Salesforce", "Cc", "Bcc", "Type", "Filter", "Code", "Open"),
    # Salesforce's own buttons, as it shows them to everybody whose Salesforce is English
    *(
        "Setup",
        "Email Administration",
        "Email to Salesforce",
        "Edit",
        "Active",
        "Save",
        "My Settings",
        "Email",
    ),
    *(
        "My Email to Salesforce",
        "Email to Salesforce Address",
        "My Acceptable Email Addresses",
        "Save Changes",
    ),
    # What members and the team wrote
    *(
        "Anna",
        "Ben",
        "Ben's own",
        "Ben's own · Tandem",
        "Ben ben@tandem.example",
        "Ben's laptop",
        "Ben's template",
        "Ben's token",
        "Hello",
        "Cleo",
    ),
    *("Ben's other", "Ben's own, refused", "Ben's own, refused · Tandem", "Orgbox", "Developer Edition"),
    *[str(word) for words in (OUTCOMES, REASONS) for word in words],
    # What Salesforce holds and said
    *("Normal", "Not Started", "REFUSED"),
    # Examples of what to type
    *("imap.example.com", "smtp.example.com", "https://yourcompany.my.salesforce.com"),
}
#: Written in one language: for who was invited in English, and for who writes programs.
ONE_LANGUAGE = {"join", "api-reference", "openapi"}
#: Sent empty it asks Salesforce, which no transaction may; tests/web has its answers in both languages.
ASKS_WHEN_EMPTY = {"save-email-bcc"}
#: What stands in these is not prose.
SILENT = {"code", "kbd", "script", "style", "textarea", "pre"}
NO_PROSE = re.compile(r"[\w.+-]+@[\w.…-]+|\w+/[\w/ -]+|[\w-]+@….*")


class Words(HTMLParser):
    """What a person reads or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "input", "br", "hr", "img"):
            self._in.append(tag)
        for name, value in attrs:
            if name in ("aria-label", "title", "placeholder", "alt") and value:
                self._take(value)

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not SILENT & set(self._in):
            self._take(data)

    def _take(self, text: str) -> None:
        said = " ".join(text.split()).strip("·()…:, ")
        if re.search(r"[A-Za-z]{2}", said) and not NO_PROSE.fullmatch(said):
            self.found.add(said)


def read(world: World, role: str, method: str, name: str) -> set[str]:
    """What one address shows to somebody; nothing where it shows no page. What it changed is taken back."""
    browser, address = world.browser(role), world.address(name)
    with transaction.atomic():
        answer = browser.post(address, {}) if method == "POST" else browser.get(address)
        transaction.set_rollback(True)
    if answer.status_code not in (200, 422) or not answer["Content-Type"].startswith("text/html"):
        return set()
    words = Words()
    words.feed(answer.content.decode())
    return words.found


@pytest.mark.parametrize("role", ["user", "admin"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_page_is_dutch_for_a_dutch_reader(world: World, role: str, method: str) -> None:
    left: dict[str, list[str]] = {}
    for name in TABLE.keys() - ONE_LANGUAGE - ASKS_SALESFORCE - ASKS_WHEN_EMPTY:
        said = []
        for language in ("en", "nl"):
            Member.objects.update(language=language)
            said.append(read(world, role, method, name))
        for same in said[0] & said[1] - SAME:
            left.setdefault(same, []).append(name)
    assert left == {}
