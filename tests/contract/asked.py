"""The org that `make contract` asks: one in a box, or a real one that is ours to try things in.

A real org is told apart from one that people work in before anything is written, and whatever was made there is deleted
again, record by record, whether the test held or not. What cannot be deleted is named.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.server import RunningOrg

REST = "/services/data/v62.0"
#: Stands in every record that is made and whose words do not matter, so that people know where it came from.
MARK = "orgbox contract test"
#: No lead is assigned, so nobody is told of it by mail; a likeness to another record keeps nothing from being made.
_QUIETLY = {"Sforce-Auto-Assign": "FALSE", "Sforce-Duplicate-Rule-Header": "allowSave=true"}
_TO_TRY_THINGS = "SELECT Name, OrganizationType, IsSandbox FROM Organization"
_GONE = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"}


class NotToBeAsked(Exception):
    """The org is none in which things may be tried. Nothing was written there."""


class LeftBehind(Exception):
    """Records that were made could not be deleted again; the message names them."""


class Asked:
    """An org and what was made in it; `wait` lets seconds pass there, which a real org takes from us."""

    def __init__(self, url: str, token: str, wait: Callable[[float], None]) -> None:
        self._http = httpx2.Client(
            base_url=url + REST,
            headers={"Authorization": f"Bearer {token}", **_QUIETLY},
            timeout=60,
            trust_env=not _is_here(url),
        )
        self.made: dict[str, None] = {}
        self.wait = wait

    def send(self, method: str, path: str, **what: Any) -> httpx2.Response:
        """Send a request; whatever it makes is remembered."""
        answer = self._http.request(method, path, **what)
        if answer.status_code == 201 or (method == "POST" and answer.status_code == 200):
            self.made |= dict.fromkeys(_ids_in(answer.json()))
        return answer

    def make(self, sobject: str, **values: Any) -> str:
        """Make a record; returns its id."""
        answer = self.send("POST", f"/sobjects/{sobject}", json=values)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def row(self, sobject: str, identifier: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.send("GET", f"/sobjects/{sobject}/{identifier}").json()
        return answer

    def query(self, soql: str, resource: str = "query") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.send("GET", f"/{resource}", params={"q": soql}).json()["records"]
        return rows

    def refusal(self, sobject: str, **values: Any) -> tuple[int, str, str]:
        """(status, code, message) of an insert that must be refused."""
        answer = self.send("POST", f"/sobjects/{sobject}", json=values)
        assert answer.status_code >= 400, f"was not refused: {answer.text}"
        said = answer.json()[0]
        return answer.status_code, said["errorCode"], said["message"]

    def clear(self) -> None:
        """Delete what was made, the latest first. Raises LeftBehind."""
        left = []
        for identifier in reversed(self.made):
            (told,) = self._http.delete("/composite/sobjects", params={"ids": identifier}).json()
            if not told["success"] and told["errors"][0]["statusCode"] not in _GONE:
                left.append(f"{identifier} ({told['errors'][0]['message']})")
        self._http.close()
        if left:
            raise LeftBehind(f"These records are still in the org; delete them by hand: {', '.join(left)}")


def check(org: Asked) -> str:
    """A sentence about an org in which things may be tried. Raises NotToBeAsked."""
    answer = org.send("GET", "/query", params={"q": _TO_TRY_THINGS})
    if answer.status_code != 200:
        raise NotToBeAsked(f"The org does not answer: {answer.status_code} {answer.text[:300]}")
    (described,) = answer.json()["records"]
    kind = described["OrganizationType"]
    if kind != "Developer Edition" and not described["IsSandbox"]:
        raise NotToBeAsked(
            f"{described['Name']} is a {kind} org and no sandbox: people work in it. Name a Developer Edition org or a "
            "sandbox. Nothing was written."
        )
    return (
        f"{described['Name']} ({kind}) is asked: some 40 Tasks, Leads, Contacts and Accounts are made, each marked or one "
        "letter long, and deleted again right away; they stay in its recycle bin for fifteen days. No other record is "
        "changed. It takes some 200 API calls and three minutes."
    )


@contextmanager
def real(url: str, token: str) -> Iterator[Asked]:
    """The org at an address, which must have been checked. Raises NotToBeAsked, LeftBehind."""
    if urlsplit(url).scheme != "https" and not _is_here(url):
        raise NotToBeAsked("A session is sent to https addresses only. Nothing was sent.")
    if not token:
        raise NotToBeAsked("ORG_TOKEN is missing: `sf org auth show-access-token` has one. Nothing was sent.")
    with _cleared(Asked(url.rstrip("/"), token, time.sleep)) as org:
        yield org


@contextmanager
def in_a_box() -> Iterator[Asked]:
    """An org of our own, whose clock stands still."""
    clock = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    with RunningOrg(Org(clock, seed=12)) as running:
        token = running.call(lambda: running.app.state.oauth.open_session(running.org.admin_id))
        asked = Asked(running.url, token, lambda seconds: running.call(lambda: clock.advance(seconds)))
        with _cleared(asked) as org:
            yield org


def named() -> tuple[str, str] | None:
    """(address, session) of the org that the environment names, or None."""
    url = os.environ.get("ORG", "")
    return (url, os.environ.get("ORG_TOKEN", "")) if url else None


@contextmanager
def _cleared(org: Asked) -> Iterator[Asked]:
    try:
        yield org
    finally:
        org.clear()


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _ids_in(told: Any, *, of_a_tree: bool = False) -> Iterator[str]:
    """The ids of new records in an answer of rows, collections, trees and composites; none of a record that was there."""
    for each in told if isinstance(told, list) else [told]:
        if not isinstance(each, dict):
            continue
        if isinstance(each.get("id"), str) and each.get("created", True) and each.get("success", of_a_tree):
            yield each["id"]
        yield from _ids_in(each.get("results", []), of_a_tree=True)
        yield from (found for sub in each.get("compositeResponse", []) for found in _ids_in(sub.get("body")))
