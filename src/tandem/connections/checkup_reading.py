"""What does an org say when the set-up check asks, and what of the member's mailbox? Reads only; what it means is judged in
`checkup`. Six API calls.
"""

from __future__ import annotations

from datetime import datetime

from tandem import clock
from tandem.connections.checkup import Seen, judge, no_answer, unreadable
from tandem.connections.checkup_lines import Line
from tandem.connections.models import Connection
from tandem.connections.services import client_for
from tandem.emails.accounts import mailbox_of
from tandem.encryption import KeyTrouble
from tandem.salesforce import Client, Description, NotDone, SalesforceError


def check_up(connection: Connection) -> list[Line]:
    """Every line of the set-up check of this connection. An error of Salesforce, or of our keys, becomes a line."""
    if connection.state == Connection.State.DISCONNECTED:
        return [no_answer("DISCONNECTED", "")]
    try:
        with client_for(connection) as client:
            return judge(_read(client, mailbox_of(connection.member)))
    except SalesforceError as error:
        return [no_answer(error.code, error.message)]
    except KeyTrouble as trouble:
        return [unreadable(trouble)]


def _read(client: Client, mailbox: str | None) -> Seen:
    organization = client.query("SELECT OrganizationType, IsSandbox FROM Organization").records[0]
    asked_at = clock.now()
    theirs = client.server_time()
    limits = client.limits().by_name
    return Seen(
        edition=organization["OrganizationType"] or "",
        task=_described(client, "Task"),
        shared_activities=_described(client, "TaskRelation") is not None,
        clock_ahead=_ahead(asked_at, clock.now(), theirs),
        calls=limits.get("DailyApiRequests"),
        mailbox=mailbox,
    )


def _described(client: Client, sobject: str) -> Description | None:
    """None when this user cannot see it, or the org does not have it."""
    try:
        return client.describe(sobject)
    except NotDone as error:
        if error.status == 404 or error.code in ("NOT_FOUND", "INVALID_TYPE"):
            return None
        raise


def _ahead(before: datetime, after: datetime, theirs: datetime) -> float:
    """Seconds by which our clock is ahead of Salesforce's, taken at the middle of the call."""
    return ((before + (after - before) / 2) - theirs).total_seconds()
