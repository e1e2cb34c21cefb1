"""Who are we in which org, once somebody has signed in? Reads from Salesforce and stores nothing.

There are two ways to a sign-in, a token that the command line already holds and a code that the browser brought back;
from there both go the same way.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from tandem.connections.describe import CreateMode, create_mode, task_statuses
from tandem.salesforce import (
    App,
    BadInput,
    Client,
    Consent,
    MemoryVault,
    SalesforceError,
    Session,
    Tokens,
    checked_instance_url,
    exchange_code,
    revoke,
    sign_in,
)
from tandem.salesforce.wire import soql_text

Grant = Literal["refresh_token", "client_credentials"]
NO_API = "API_DISABLED_FOR_ORG"


def loopback_allowed() -> bool:
    """Whether an orgbox on this machine may stand in for Salesforce (docs/operating.md, Environment)."""
    return os.environ.get("TANDEM_ALLOW_ORGBOX") == "1"


@dataclass(frozen=True)
class OrgFacts:
    """What the org's API said of itself and of us."""

    name: str
    edition: str
    is_sandbox: bool
    username: str
    mode: CreateMode
    statuses: list[str]


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that worked. `facts` is None when this user or edition has no API (P10). Shows no secret in repr."""

    org_id: str
    user: str
    app: App
    tokens: Tokens
    facts: OrgFacts | None


def sign_in_to_org(
    instance_url: str, client_id: str, client_secret: str = "", refresh_token: str = ""
) -> SignedIn:
    """Sign in with what the command line holds, and look around.

    With a refresh token the app renews by it; without one it signs in as itself (client credentials).
    Raises the errors of tandem.salesforce: BadInput for a malformed address, SignInNeeded when refused, ...
    """
    url = checked_instance_url(instance_url, loopback_allowed())
    if not client_id:
        raise BadInput(
            "no client id was given",
            code="NO_CLIENT_ID",
            remedy="Copy the consumer key of your connected app or external client app.",
        )
    grant: Grant = "refresh_token" if refresh_token else "client_credentials"
    app = App(client_id, client_secret or None, url, grant, loopback_allowed())
    # The first call renews the access token that is no token yet, so the tokens kept are the newest ones.
    held = Tokens("none yet", refresh_token, url, "") if refresh_token else None
    return _look_around(app, held or sign_in(app))


def sign_in_with_code(app: App, consent: Consent) -> SignedIn:
    """Exchange what the browser brought back, and look around. When the look fails, the new sign-in is revoked."""
    tokens = exchange_code(app, consent)
    try:
        return _look_around(app, tokens)
    except SalesforceError:
        end_sign_in(app, tokens.refresh_token or tokens.access_token)
        raise


def end_sign_in(app: App, token: str) -> bool:
    """Revoke at Salesforce; False when Salesforce could not be told."""
    try:
        revoke(app, token)
    except SalesforceError:
        return False
    return True


def _look_around(app: App, tokens: Tokens) -> SignedIn:
    vault = MemoryVault(tokens)
    facts: OrgFacts | None = None
    with Client(Session(vault, app)) as client:
        try:
            facts = _facts(client, vault)
        except SalesforceError as error:
            if error.code != NO_API:
                raise
    tokens = vault.current()
    return SignedIn(tokens.org_id, tokens.user_id, app, tokens, facts)


def _facts(client: Client, vault: MemoryVault) -> OrgFacts:
    organization = client.query("SELECT Id, Name, OrganizationType, IsSandbox FROM Organization").records[0]
    me = soql_text(vault.current().user_id)
    user = client.query(f"SELECT Id, Username FROM User WHERE Id = {me}").records[0]  # noqa: S608  quoted by soql_text
    task = list(client.describe("Task").fields.values())
    return OrgFacts(
        name=organization["Name"],
        edition=organization["OrganizationType"] or "",
        is_sandbox=bool(organization["IsSandbox"]),
        username=user["Username"],
        mode=create_mode(task),
        statuses=task_statuses(task),
    )
