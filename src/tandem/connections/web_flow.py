"""Does what came back from Salesforce belong to what this browser began? Pure but for `begin`, which draws secrets.

A sign-in that is begun is kept in the session: once, for ten minutes, for one member (RFC 6749, 10.12; PKCE, RFC 7636).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from tandem import clock
from tandem.salesforce import Consent

LASTS = timedelta(minutes=10)


class Begun(TypedDict):
    """What the session keeps while the person is at Salesforce."""

    state: str
    verifier: str
    redirect_uri: str
    member: int
    at: str


@dataclass(frozen=True)
class NotThere:
    """Why there is no consent: the error and its description, as Salesforce said them or as we name it."""

    code: str
    said: str


NOT_BEGUN = NotThere("not-begun", "")
TAKEN = NotThere("taken", "")


def begin(member: int, redirect_uri: str) -> Begun:
    """A new sign-in; it replaces one that the member began before."""
    return {
        "state": clock.new_secret(),
        "verifier": clock.new_secret(),
        "redirect_uri": redirect_uri,
        "member": member,
        "at": clock.now().isoformat(),
    }


def came_back(
    begun: Begun | None, member: int, answer: Mapping[str, str], now: datetime
) -> Consent | NotThere:
    """The consent to exchange; nothing that Salesforce says is believed before the state is known to be ours."""
    if begun is None or begun["member"] != member:
        return NOT_BEGUN
    if now - datetime.fromisoformat(begun["at"]) > LASTS:
        return NOT_BEGUN
    if not hmac.compare_digest(begun["state"].encode(), answer.get("state", "").encode()):
        return NOT_BEGUN
    if error := answer.get("error", ""):
        return NotThere(error, answer.get("error_description", ""))
    if not answer.get("code"):
        return NOT_BEGUN
    return Consent(answer["code"], begun["verifier"], begun["redirect_uri"])
