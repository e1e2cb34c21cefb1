"""How is a member connected to Salesforce? The only writers of connections.models, beside vault and rotation.

A sign-in, however it came about (`signing_in`), becomes a stored connection here. Links belong to the org and not to
the connection: disconnecting keeps them, and connecting to the same org again takes up where it was.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from tandem import clock, jobs
from tandem.accounts.models import Member
from tandem.connections import logged
from tandem.connections.explanations import Explanation, explained
from tandem.connections.models import Connection, Org, TeamApp
from tandem.connections.signing_in import (
    NO_API,
    Grant,
    SignedIn,
    end_sign_in,
    loopback_allowed,
    sign_in_to_org,
    sign_in_with_code,
)
from tandem.connections.team_app import AppInUse, app_in_use
from tandem.connections.vault import DatabaseVault
from tandem.connections.web_flow import TAKEN, Begun, NotThere
from tandem.emails import second_envelope
from tandem.encryption import KeyTrouble
from tandem.salesforce import (
    App,
    BadInput,
    Client,
    Consent,
    SalesforceError,
    Session,
    authorize_url,
    checked_instance_url,
    code_challenge,
)


class TakenByColleague(Exception):
    """Another member of Tandem is connected as this very Salesforce user. Nothing was stored: two people would write
    over each other. Connect as yourself, or let the other member disconnect first.
    """


def connect(
    member: Member, instance_url: str, client_id: str, client_secret: str = "", refresh_token: str = ""
) -> Connection:
    """Sign in from the command line, then keep the connection; when the sign-in fails an older one stays as it was."""
    return store(member, sign_in_to_org(instance_url, client_id, client_secret, refresh_token), by=None)


def connection_of(member: Member) -> Connection | None:
    """The member's own connection that is in force or asks to be made again."""
    mine = Connection.objects.filter(member=member).select_related("org", "member")
    return mine.exclude(state=Connection.State.DISCONNECTED).order_by("-pk").first()


def latest_of(member: Member) -> Connection | None:
    """The connection that the member ended last, if any: connecting again takes it up."""
    return Connection.objects.filter(member=member).select_related("org").order_by("-pk").first()


def consent_address(in_use: AppInUse, begun: Begun) -> str | NotThere:
    """Where the member allows Tandem to act: Salesforce's own page, or why there is none."""
    challenge = code_challenge(begun["verifier"])
    try:
        return authorize_url(in_use.app(), begun["redirect_uri"], begun["state"], challenge)
    except BadInput as error:
        return NotThere(error.code, error.message)


def try_to_connect(member: Member, consent: Consent) -> Connection | NotThere:
    """The connection, or why there is none (or only one without API), in Salesforce's own code and words."""
    try:
        connection = connect_with_code(member, consent)
    except TakenByColleague:
        return TAKEN
    except SalesforceError as error:
        return NotThere(error.code, error.message)
    if connection.trouble_code:
        return NotThere(connection.trouble_code, "The REST API is not enabled for this user or organization.")
    return connection


def connect_with_code(member: Member, consent: Consent) -> Connection:
    """Keep the connection of a member who came back from the consent page.

    Raises TakenByColleague, and the errors of tandem.salesforce; then nothing is stored and the new sign-in is revoked.
    """
    signed_in = sign_in_with_code(app_in_use().app(), consent)
    before = (
        Connection.objects.filter(member=member, org__sf_id=signed_in.org_id).select_related("org").first()
    )
    # A new consent does not end the one before: nobody will hold that one any more, so it is given back.
    end_before = _end_of(before) if before is not None else None
    try:
        connection = store(member, signed_in, by=member)
    except (TakenByColleague, BadInput) as refused:
        logged.refused(member, before, signed_in, getattr(refused, "code", TAKEN.code))
        end_sign_in(signed_in.app, signed_in.tokens.refresh_token or signed_in.tokens.access_token)
        raise
    if end_before is not None:
        end_before()
    return connection


def store(member: Member, signed_in: SignedIn, *, by: Member | None) -> Connection:
    """Keep the connection, and end the member's connections to other orgs: one member, one org at a time.

    by None: somebody at the server's command line.
    """
    connection = _keep(member, signed_in, by)
    others = (
        Connection.objects.filter(member=member).exclude(pk=connection.pk).select_related("org", "member")
    )
    for other in others.exclude(state=Connection.State.DISCONNECTED):
        disconnect(other, by=by)
    jobs.wake("connected", connection.pk)
    jobs.wake("org-changed", connection.org_id)
    return connection


def check_free(member: Member | None, signed_in: SignedIn) -> None:
    """Raises TakenByColleague or BadInput when this sign-in may not become this member's (None: somebody new)."""
    same_org = Connection.objects.filter(org__sf_id=signed_in.org_id)
    if same_org.filter(user=signed_in.user).exclude(member=member).exists():
        raise TakenByColleague
    before = same_org.filter(member=member).first() if member is not None else None
    if before is not None and before.user != signed_in.user:
        raise BadInput(
            f"you were connected as {before.username or before.user} so far, and this is another user of the same org",
            code="ANOTHER_USER",
            remedy="Sign in to Salesforce as the same user: the tasks in step with Tandem are that user's.",
        )


@transaction.atomic
def _keep(member: Member, signed_in: SignedIn, by: Member | None) -> Connection:
    check_free(member, signed_in)
    facts = signed_in.facts
    # A secret that can be read no more is what a new sign-in replaces, so nothing here may read one.
    before = (
        Connection.objects.filter(member=member, org__sf_id=signed_in.org_id).select_related("org").first()
    )
    org, _ = Org.objects.update_or_create(
        sf_id=signed_in.org_id,
        # Without API the org told nothing: what a colleague's connection learned stays.
        defaults={}
        if facts is None
        else {
            "name": facts.name,
            "edition": facts.edition,
            "is_sandbox": facts.is_sandbox,
            "key_field": facts.mode.field,
            "key_is_unique": facts.mode.unique,
            "statuses": facts.statuses,
        },
    )
    connection, _ = Connection.objects.update_or_create(
        member=member,
        org=org,
        defaults={
            "user": signed_in.user,
            "username": facts.username if facts else "",
            "state": Connection.State.CONNECTED,
            "trouble_code": "" if facts else NO_API,
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
    logged.connection(before, connection, by)
    return connection


def disconnect(connection: Connection, *, by: Member | None) -> bool:
    """Forget the tokens, then revoke them at Salesforce; False when Salesforce could not be told.

    Links, tasks and settings stay, but for BCC: no email goes to an org that one is not connected to (CN-2). The tokens go first: whatever happens to the call, Tandem cannot act any more.
    """
    end = _end_of(connection)
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(
            state=Connection.State.DISCONNECTED,
            trouble_code="",
            trouble_text="",
            access_token="",
            refresh_token="",
            renewing_until=None,
        )
        after = Connection.objects.select_related("org", "member").get(pk=connection.pk)
        logged.connection(connection, after, by)
        second_envelope.stop_copies(after.member)
        jobs.wake("disconnected", after.member_id)
    return end()


def _end_of(connection: Connection) -> Callable[[], bool]:
    """What revokes the sign-in that is stored now; it answers False when Salesforce could not be told."""
    try:
        held = Connection.with_secrets.get(pk=connection.pk)
    except KeyTrouble:
        return lambda: False
    app, token = _app_of(held), held.refresh_token or held.access_token
    return lambda: not token or end_sign_in(app, token)


def why_reconnect(connection: Connection | None) -> Explanation | None:
    """Why this connection asks to be made again; None when it does not."""
    if connection is None or connection.state != Connection.State.RECONNECT:
        return None
    return explained(connection.trouble_code, connection.trouble_text)


def key_trouble(connection: Connection | None) -> KeyTrouble | None:
    """Why what is stored of this sign-in cannot be read; None when it can, or when there is none."""
    if connection is None:
        return None
    try:
        Connection.with_secrets.get(pk=connection.pk)
    except KeyTrouble as trouble:
        return trouble
    return None


@transaction.atomic
def save_team_app(
    by: Member, *, target: str, my_domain: str = "", client_id: str | None = None, client_secret: str = ""
) -> TeamApp:
    """Keep the team's app. Without a client id, id and secret stay; an empty secret keeps that of the same client id.

    Connections that were made with this client id get its new secret, so that a secret changed in Salesforce does not
    end them. Raises BadInput for an address that is not Salesforce's.
    """
    domain = ""
    if target == TeamApp.Target.MY_DOMAIN:
        domain = checked_instance_url(my_domain, loopback_allowed())
    before = TeamApp.objects.select_for_update().first()
    held = before.client_id if before else ""
    noted = logged.app(before)
    given: dict[str, str] = {"client_id": held if client_id is None else client_id}
    if client_secret or given["client_id"] != held:
        given["client_secret"] = client_secret
    saved, _ = TeamApp.objects.update_or_create(
        pk=TeamApp.ONLY,
        defaults={**given, "target": target, "my_domain": domain, "saved_at": clock.now(), "saved_by": by},
    )
    if given["client_id"] and client_secret:
        Connection.objects.filter(client_id=given["client_id"]).update(client_secret=client_secret)
    logged.app_saved(noted, saved, new_secret=bool(client_secret), by=by)
    return saved


def client_for(connection: Connection) -> Client:
    """A client that acts as this connection; its tokens are renewed in the database."""
    return Client(Session(DatabaseVault(connection.pk), _app_of(connection)))


def read_for_team(connection: Connection) -> None:
    """Let this connection read and write for the whole team of its org, in one poll and in shared calls.

    Only the server's command line can: the log says so.
    """
    with transaction.atomic():
        before = (
            Org.objects.select_related("team_connection__member").get(pk=connection.org_id).team_connection
        )
        Org.objects.filter(pk=connection.org_id).update(team_connection=connection)
        logged.carrier(before, connection)


def note_allowance(org_id: int, used: int, allowed: int) -> None:
    """Remember the org's API allowance as the last answer reported it."""
    Org.objects.filter(pk=org_id).update(calls_used=used, calls_allowed=allowed)


def _app_of(connection: Connection) -> App:
    grant: Grant = "refresh_token" if connection.refresh_token else "client_credentials"
    secret = connection.client_secret or None
    return App(connection.client_id, secret, connection.login_url, grant, loopback_allowed())
