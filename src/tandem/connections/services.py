"""How is a member connected to Salesforce? The only writers of connections.models.

The web-server flow has its own issue; here a sign-in that somebody already holds (a refresh token, or an app that signs
in as itself) becomes a stored connection, and what the org's describe says is read and kept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from django.db import transaction

from tandem.accounts.models import Member
from tandem.connections.describe import CreateMode, create_mode, task_statuses
from tandem.connections.models import SECRETS, Connection, Org
from tandem.connections.vault import DatabaseVault
from tandem.salesforce import (
    App,
    BadInput,
    Client,
    MemoryVault,
    Session,
    Tokens,
    checked_instance_url,
    sign_in,
)
from tandem.salesforce.wire import soql_text

Grant = Literal["refresh_token", "client_credentials"]


def loopback_allowed() -> bool:
    """Whether an orgbox on this machine may stand in for Salesforce (docs/operating.md, Environment)."""
    return os.environ.get("TANDEM_ALLOW_ORGBOX") == "1"


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that worked, and what the org said of itself; holds secrets, so it has no repr of them."""

    org_id: str
    org_name: str
    user: str
    username: str
    mode: CreateMode
    statuses: list[str]
    app: App
    tokens: Tokens


def sign_in_to_org(
    instance_url: str, client_id: str, client_secret: str = "", refresh_token: str = ""
) -> SignedIn:
    """Sign in and read who we are and what the org has; stores nothing.

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
    held = Tokens("none yet", refresh_token, url, "") if refresh_token else None
    vault = MemoryVault(held or sign_in(app))
    with Client(Session(vault, app)) as client:
        # The first call renews the access token that is no token yet, so the tokens kept are the newest ones.
        organization = client.query("SELECT Id, Name FROM Organization").records[0]
        tokens = vault.current()
        user = client.query(
            f"SELECT Id, Username FROM User WHERE Id = {soql_text(tokens.user_id)}"  # noqa: S608  quoted by soql_text
        ).records[0]
        task = list(client.describe("Task").fields.values())
    return SignedIn(
        organization["Id"],
        organization["Name"],
        user["Id"],
        user["Username"],
        create_mode(task),
        task_statuses(task),
        app,
        tokens,
    )


@transaction.atomic
def store(member: Member, signed_in: SignedIn) -> Connection:
    """Keep the connection. Connecting to the same org again takes up where it was: links belong to the org.

    Raises BadInput when another member acts as this Salesforce user already: whose tasks would they be?
    """
    # A secret that can be read no more is what a new sign-in replaces, so nothing here may read one.
    kept = Connection.objects.defer(*SECRETS)
    taken = kept.exclude(member=member).filter(org__sf_id=signed_in.org_id, user=signed_in.user)
    if other := taken.select_related("member").first():
        raise BadInput(
            f"{other.member.email} is connected as {signed_in.username} already",
            code="USER_TAKEN",
            remedy="Sign in to Salesforce as this member's own user, or disconnect the other member first.",
        )
    before = kept.filter(member=member, org__sf_id=signed_in.org_id).first()
    if before is not None and before.user != signed_in.user:
        raise BadInput(
            f"you were connected as {before.username} so far, and this is {signed_in.username}",
            code="ANOTHER_USER",
            remedy="Sign in to Salesforce as the same user: the tasks in step with Tandem are that user's.",
        )
    org, _ = Org.objects.update_or_create(
        sf_id=signed_in.org_id,
        defaults={
            "name": signed_in.org_name,
            "key_field": signed_in.mode.field,
            "key_is_unique": signed_in.mode.unique,
            "statuses": signed_in.statuses,
        },
    )
    connection, _ = kept.update_or_create(
        member=member,
        org=org,
        defaults={
            "user": signed_in.user,
            "username": signed_in.username,
            "state": Connection.State.CONNECTED,
            "trouble_code": "",
            "trouble_text": "",
            "login_url": signed_in.app.login_url,
            "instance_url": signed_in.tokens.instance_url,
            "client_id": signed_in.app.client_id,
            "client_secret": signed_in.app.client_secret or "",
            "access_token": signed_in.tokens.access_token,
            "refresh_token": signed_in.tokens.refresh_token or "",
            "renewing_until": None,
            "sign_in": before.sign_in + 1 if before is not None else 1,
        },
    )
    return connection


def connect(
    member: Member, instance_url: str, client_id: str, client_secret: str = "", refresh_token: str = ""
) -> Connection:
    """Sign in, then keep the connection; when the sign-in fails an older connection stays as it was."""
    return store(member, sign_in_to_org(instance_url, client_id, client_secret, refresh_token))


def client_for(connection: Connection) -> Client:
    """A client that acts as this connection; its tokens are renewed in the database."""
    grant: Grant = "refresh_token" if connection.refresh_token else "client_credentials"
    secret = connection.client_secret or None
    app = App(connection.client_id, secret, connection.login_url, grant, loopback_allowed())
    return Client(Session(DatabaseVault(connection.pk), app))


def read_for_team(connection: Connection) -> None:
    """Let this connection read and write for the whole team of its org, in one poll and in shared calls."""
    Org.objects.filter(pk=connection.org_id).update(team_connection=connection)


def note_allowance(org_id: int, used: int, allowed: int) -> None:
    """Remember the org's API allowance as the last answer reported it."""
    Org.objects.filter(pk=org_id).update(calls_used=used, calls_allowed=allowed)
