"""What of a connection, and of the team's app, stands in the log of changes? Names and states; never a secret."""

from __future__ import annotations

from typing import Any

from tandem.accounts.models import Member
from tandem.audit.services import note
from tandem.connections import models
from tandem.connections.signing_in import SignedIn

CONNECTION, APP = "connection", "app"


def connection(before: models.Connection | None, after: models.Connection, by: Member | None) -> None:
    """Connected, connected anew (its sign-in counts up), or disconnected."""
    note(CONNECTION, by=by, of=after.member, before=_told(before), after=_told(after))


def refused(member: Member, before: models.Connection | None, signed_in: SignedIn, why: str) -> None:
    """Somebody signed in to Salesforce as a user that may not be theirs; the connection stayed as it was."""
    held = _told(before)
    tried = {"refused": why, "tried": signed_in.facts.username if signed_in.facts else signed_in.user}
    note(CONNECTION, by=member, of=member, before=held, after={**(held or {}), **tried})


def carrier(before: models.Connection | None, after: models.Connection) -> None:
    """Whose connection reads and writes for the whole team, set at the server's command line."""
    was = {"carrier": str(before.member)} if before else None
    note(CONNECTION, by=None, of=None, before=was, after={"carrier": str(after.member)})


def app(saved: models.TeamApp | None) -> dict[str, Any] | None:
    """The team's app as an entry shows it."""
    if saved is None:
        return None
    return {
        "target": saved.target,
        "my_domain": saved.my_domain,
        "client_id": saved.client_id,
        # Asked of the database, so that a secret that cannot be read does not stand in the way.
        "client_secret": "set" if models.TeamApp.objects.exclude(client_secret="").exists() else "none",
    }


def app_saved(before: dict[str, Any] | None, saved: models.TeamApp, *, new_secret: bool, by: Member) -> None:
    """What an admin changed of the app; of the secret only that it is another one."""
    after = app(saved) or {}
    replaced = new_secret and (before or {}).get("client_secret") == "set"
    note(
        APP,
        by=by,
        of=None,
        before=before,
        after={**after, "client_secret": "replaced"} if replaced else after,
    )


def _told(held: models.Connection | None) -> dict[str, Any] | None:
    if held is None:
        return None
    return {
        "state": held.state,
        "org": str(held.org),
        "user": held.username or held.user,
        "sign_in": held.sign_in,
    }
