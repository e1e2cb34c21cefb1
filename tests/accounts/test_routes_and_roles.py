"""Who may ask for what? Every address of Tandem, by GET and by POST, for a stranger, a user, an admin and a colleague.

The table is held against the project's own list of addresses: one that is missing here fails the test. Where an address
names something that somebody has, it is the user's (Ben's): the admin and the colleague ask for it by a crafted request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tandem.accounts import invitations, services
from tandem.accounts.models import Invitation, Member
from tandem.api import services as tokens
from tandem.api.models import Token
from tandem.config import wiring
from tandem.connections.models import Connection, TeamApp
from tandem.emails import accounts, templates_of
from tandem.emails import services as emails
from tandem.emails.models import Email, RelayPassword, Template
from tandem.emails.values import checked
from tandem.habits import services as habits
from tandem.reminders.models import Reminder
from tandem.sync.models import Conflict, Link, OrgSync, TaskSync
from tandem.sync_settings.models import Setting
from tests.accounts.passkey import add_passkey
from tests.sync.desk import START, Desk, open_desk

PASSWORD = "a sentence only we know"
ROLES = ("stranger", "user", "admin", "colleague")
#: What a role gets: a status, or to be sent to the sign-in.
SIGN_IN = "sign-in"
Answers = tuple[int | str, int | str, int | str, int | str]


def members(status: int) -> Answers:
    """The same for everybody who is signed in."""
    return (SIGN_IN, status, status, status)


def admins(status: int) -> Answers:
    """For admins; 403 for other members."""
    return (SIGN_IN, 403, status, 403)


def owner(status: int) -> Answers:
    """For whom it belongs to; for others it is not there, admins included."""
    return (SIGN_IN, status, 404, 404)


def anybody(status: int, signed_in: int = 302) -> Answers:
    """Before the door; who is in already is mostly sent on."""
    return (status, signed_in, signed_in, signed_in)


NO_SUCH = members(405)


@dataclass(frozen=True)
class Row:
    """What each role gets for one address."""

    get: Answers
    post: Answers
    named: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


TYPED_TASK = {"name": "Crafted", "details": "", "priority": "normal", "status": "open", "due": ""}
TASK = {"reminder_id": "task"}
TYPED_EMAIL = {"to": "jan@veldkamp.example", "subject": "Crafted", "do": "draft"}
EMAIL = {"email_id": "email"}
PROFILE = {"name": "Crafted", "language": "nl", "time_zone": "UTC"}
TABLE: dict[str, Row] = {
    # The Command Center
    "command-center": Row(members(200), NO_SUCH),
    "task-list": Row(members(200), NO_SUCH),
    "change-many": Row(NO_SUCH, members(302), typed={"do": "complete"}),
    "undo-many": Row(NO_SUCH, members(302), {"changes": "changes"}),
    "task-timeline": Row(owner(200), NO_SUCH, TASK),
    "keep-version": Row(NO_SUCH, owner(302), {"conflict_id": "conflict", "which": "side"}),
    "undo-version": Row(NO_SUCH, owner(302), {"conflict_id": "conflict"}),
    "save-search": Row(NO_SUCH, members(302), {"place": "place"}, {"name": "Crafted"}),
    "forget-search": Row(NO_SUCH, owner(302), {"search": "search"}),
    "switch-keys": Row(NO_SUCH, members(302), typed={"keys": "off"}),
    "view-as": Row(NO_SUCH, admins(404), typed={"member": "0"}),
    "view-own": Row(NO_SUCH, members(302)),
    "new-task": Row(members(200), members(302), typed=TYPED_TASK),
    "edit-task": Row(owner(200), owner(302), TASK, TYPED_TASK),
    "complete-task": Row(NO_SUCH, owner(302), TASK),
    "reopen-task": Row(NO_SUCH, owner(302), TASK),
    "delete-task": Row(NO_SUCH, owner(302), TASK),
    "undo-task": Row(NO_SUCH, owner(302), {**TASK, "rev": "rev"}),
    # Coming in
    "first-run": Row(anybody(302), anybody(302), typed=PROFILE),
    "join": Row(anybody(200, 200), anybody(422, 422), {"token": "invited"}),
    "account_login": Row(anybody(200), anybody(200)),
    "mfa_login_webauthn": Row(anybody(302), anybody(302)),
    "mfa_authenticate": Row(anybody(302), anybody(302)),
    "account_inactive": Row(anybody(200, 200), anybody(405, 405)),
    "account_reauthenticate": Row(members(200), members(200)),
    "mfa_reauthenticate": Row(members(302), members(302)),
    "mfa_reauthenticate_webauthn": Row((SIGN_IN, 200, 302, 302), members(302)),
    "account_reset_password": Row(anybody(200, 200), anybody(200, 200)),
    "account_reset_password_done": Row(anybody(200, 200), anybody(405, 405)),
    "account_reset_password_from_key": Row(
        anybody(200, 200), anybody(200, 200), {"uidb36": "forged", "key": "forged"}
    ),
    "account_reset_password_from_key_done": Row(anybody(200, 200), anybody(405, 405)),
    "sign-in-by-link": Row(anybody(410, 410), anybody(405, 405), {"token": "forged"}),
    "account_logout": Row(anybody(302, 200), anybody(302)),
    # My account: always the member's own, but for a passkey, which an address names
    "profile": Row(members(200), members(302), typed=PROFILE),
    "change-email": Row(members(200), members(422)),
    "confirm-email": Row(members(410), members(410), {"token": "forged"}),
    "mfa_index": Row(members(200), NO_SUCH),
    "account_change_password": Row(members(200), members(200)),
    "account_set_password": Row(members(302), members(302)),
    "usersessions_list": Row(members(200), members(302)),
    "mfa_activate_totp": Row(members(200), members(200)),
    "mfa_deactivate_totp": Row(members(404), members(404)),
    "mfa_view_recovery_codes": Row(members(404), NO_SUCH),
    "mfa_generate_recovery_codes": Row(members(200), (SIGN_IN, 302, 200, 200)),
    "mfa_download_recovery_codes": Row(members(404), members(404)),
    "mfa_list_webauthn": Row(members(200), NO_SUCH),
    "mfa_add_webauthn": Row(members(200), members(200)),
    "mfa_edit_webauthn": Row(owner(200), owner(302), {"pk": "passkey"}, {"name": "Crafted"}),
    "mfa_remove_webauthn": Row(owner(200), owner(302), {"pk": "passkey"}),
    # The team
    "members": Row(admins(200), NO_SUCH),
    "invite": Row(NO_SUCH, admins(302), typed={"email": "e@acme.example", "role": "admin", "language": "en"}),
    "set-role": Row(NO_SUCH, admins(302), {"pk": "ben"}, {"role": "admin"}),
    "deactivate-member": Row(admins(200), admins(302), {"pk": "ben"}),
    "reactivate-member": Row(NO_SUCH, admins(302), {"pk": "ben"}),
    "resend-invitation": Row(NO_SUCH, admins(302), {"pk": "invitation"}),
    "revoke-invitation": Row(NO_SUCH, admins(302), {"pk": "invitation"}),
    # Connections & Customizations: always the member's own connection
    "settings": Row(members(302), members(302)),
    "salesforce": Row(members(200), NO_SUCH),
    "salesforce-app": Row(NO_SUCH, admins(302), typed={"target": "production", "client_id": "crafted"}),
    "salesforce-connect": Row(NO_SUCH, members(302)),
    "salesforce-callback": Row(members(302), NO_SUCH),
    "salesforce-trouble": Row(members(302), NO_SUCH),
    "salesforce-disconnect": Row(members(200), members(302)),
    "salesforce-check": Row(members(302), members(200)),
    "salesforce-fields": Row(members(200), NO_SUCH, {"which": "which"}),
    # Diagnostics and Sync health: a user's own, an admin the team's
    "health": Row(members(200), NO_SUCH),
    "call-share": Row(NO_SUCH, admins(302), {"org": "org"}, {"percent": "30"}),
    "diagnostics": Row(members(200), NO_SUCH),
    "diagnostics-cause": Row(members(404), NO_SUCH),  # no code is named
    "diagnostics-file": Row(members(200), NO_SUCH),
    "diagnostics-item": Row((SIGN_IN, 200, 200, 404), NO_SUCH, {"kind": "kind", "pk": "refused"}),
    "diagnostics-retry": Row(NO_SUCH, members(302), typed={"code": "NONE"}),
    "diagnostics-skip": Row(NO_SUCH, members(302), typed={"code": "NONE"}),
    "diagnostics-send-again": Row(NO_SUCH, members(302), typed={"why": "NONE"}),
    "diagnostics-undo": Row(NO_SUCH, members(302)),
    "diagnostics-status": Row(NO_SUCH, admins(404), typed={"org": "0", "word": "done", "status": "Invented"}),
    # Unsubscribes: everybody may say that somebody wants no emails, an admin takes it back
    "unsubscribes": Row(members(200), NO_SUCH),
    "unsubscribe": Row(NO_SUCH, members(302), typed={"address": "crafted@example.com"}),
    "subscribe-again": Row(NO_SUCH, admins(302), typed={"address": "crafted@example.com"}),
    "save-unsubscribes": Row(
        NO_SUCH, admins(302), {"org": "org"}, {"field": "both", "nightly": "on", "hour": "3"}
    ),
    # Sync Settings: a user's are the user's own
    "sync-settings": Row(members(200), NO_SUCH),
    "save-email-api": Row(NO_SUCH, members(302), typed={"several": "all", "nobody": "hold"}),
    "save-email-bcc": Row(NO_SUCH, members(302), typed={"do": "deactivate"}),
    "save-tasks": Row(NO_SUCH, members(302), typed={"sync": "on"}),
    "tasks-preview": Row(members(200), NO_SUCH),
    "tasks-progress": Row(members(200), NO_SUCH),
    "pause-tasks": Row(NO_SUCH, members(302)),
    "resume-tasks": Row(NO_SUCH, members(302)),
    "save-calls": Row(NO_SUCH, members(302), typed={"log": "on"}),
    "save-subject": Row(NO_SUCH, admins(302), typed={"template": "By Tandem"}),
    "subject-preview": Row(admins(200), NO_SUCH),
    "use-team-rules": Row(NO_SUCH, members(302), {"section": "section"}),
    "export-settings": Row(admins(200), NO_SUCH),
    "compare-settings": Row(NO_SUCH, admins(422)),
    "save-settings-file": Row(NO_SUCH, admins(422), typed={"content": "{}", "seen": ""}),
    "settings-audit": Row(admins(200), NO_SUCH),
    # Emails: always the member's own
    "emails": Row(members(200), NO_SUCH),
    "email": Row(owner(200), NO_SUCH, EMAIL),
    "email-html": Row(owner(200), NO_SUCH, EMAIL),
    "follow-up-email": Row(owner(200), owner(302), EMAIL, TYPED_TASK),
    "write-email-again": Row(NO_SUCH, owner(404), EMAIL),
    "choose-columns": Row(NO_SUCH, members(302), {"folder": "folder"}),
    "email-action": Row(NO_SUCH, owner(302), {**EMAIL, "action": "retry"}),
    "compose-email": Row(members(200), members(302), typed=TYPED_EMAIL),
    "edit-email": Row(owner(200), owner(302), EMAIL, TYPED_EMAIL),
    "undo-email": Row(NO_SUCH, owner(302), EMAIL),
    "delete-email": Row(NO_SUCH, owner(302), EMAIL),
    "send-copy-again": Row(NO_SUCH, owner(302), EMAIL),
    "send-copies-again": Row(NO_SUCH, members(302)),
    "mail-account": Row(members(200), members(422)),
    "try-mail-account": Row(NO_SUCH, members(302)),
    "forget-mail-account": Row(NO_SUCH, members(302)),
    "make-relay-password": Row(NO_SUCH, members(302)),
    "revoke-relay-password": Row(NO_SUCH, members(302), {"password_id": "password"}),
    "email-templates": Row(members(200), NO_SUCH),
    "new-email-template": Row(members(200), members(422)),
    "edit-email-template": Row(owner(200), owner(422), {"template_id": "template"}),
    "delete-email-template": Row(NO_SUCH, owner(302), {"template_id": "template"}),
    # Calls; their word lists are the team's
    "calls": Row(members(200), NO_SUCH),
    "new-call": Row(members(200), members(422)),
    "call-lists": Row(admins(200), admins(302), typed={"list": "outcomes", "outcomes-words": "Crafted"}),
    # What is held for review: the member's own, and for admins the team's
    "review": Row(members(200), NO_SUCH),
    "review-choose": Row(members(404), members(404)),
    "review-make": Row(members(404), members(404), {"kind": "lead"}),
    "review-make-leads": Row(NO_SUCH, members(302)),
    "review-ignore": Row(NO_SUCH, members(302)),
    "review-leave-out": Row(NO_SUCH, members(302)),
    "review-undo": Row(NO_SUCH, members(302)),
    # The API's own pages; what programs may ask for is in tests/api
    "api-reference": Row(members(200), NO_SUCH),
    "openapi": Row(anybody(200, 200), anybody(405, 405)),
    "api-unknown": Row(anybody(404, 404), anybody(404, 404)),
    "api-tokens": Row(members(200), members(422)),
    "revoke-token": Row(NO_SUCH, owner(302), {"token_id": "token"}),
}


@dataclass
class World:
    """Anna, an admin, Ben, a user, and Cleo, his colleague, each connected; what Ben has; somebody who is invited."""

    desk: Desk
    ids: dict[str, Any]

    def browser(self, role: str) -> Client:
        client = Client()
        if role != "stranger":
            name = {"user": "ben", "admin": "anna", "colleague": "cleo"}[role]
            # By link: as after a password typed a moment ago, so that nothing is refused for that alone.
            client.get(f"/sign-in/{services.sign_in_token(Member.objects.get(pk=self.desk.member(name).pk))}")
        return client

    def address(self, name: str) -> str:
        if name == "api-unknown":
            return "/api/nothing"  # whatever begins with /api/ and is nothing else
        named = TABLE[name].named
        return reverse(name, kwargs={key: self.ids[what] for key, what in named.items()})

    def ask(self, role: str, method: str, name: str) -> int | str:
        """The answer; whatever it changed is taken back, unless it asks Salesforce, which changes nothing here."""
        browser, typed = self.browser(role), TABLE[name].typed if method == "POST" else {}
        address = self.address(name)
        if name in ASKS_SALESFORCE:
            answer = browser.generic(method, address)
        else:
            with transaction.atomic():
                answer = browser.post(address, typed) if method == "POST" else browser.get(address)
                transaction.set_rollback(True)
        to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in?next=")
        return SIGN_IN if to_sign_in else answer.status_code


#: A round trip to Salesforce never stands in a transaction; these only read.
ASKS_SALESFORCE = {"tasks-preview", "salesforce-check"}


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    cache.clear()
    with open_desk(monkeypatch) as desk:
        desk.join("anna", role="admin")
        for name in ("ben", "cleo"):
            desk.join(name)
        for connection in desk.connections.values():
            connection.member.set_password(PASSWORD)
            connection.member.save()
        wiring.register_answers()
        anna, ben = desk.member("anna"), desk.member("ben")
        task = desk.create("Ben's own", owner="ben")
        key = add_passkey(ben, "Ben's laptop")
        email = emails.draft(ben, checked(to="jan@veldkamp.example", subject="Ben's own"))
        template = templates_of.save_template(
            ben, None, name="Ben's template", subject="Hello", text="", shared=False
        )
        accounts.make_relay_password(ben, "Ben's laptop")
        token = tokens.make_token(ben, "Ben's token").token
        search = habits.save_search(ben, "tasks", "Ben's own", "q=x")
        assert search is not None
        org = desk.connections["ben"].org
        other = desk.create("Ben's own, refused", owner="ben")
        refused = Link.objects.create(
            org=org, member=ben, reminder=other, key="k", parked=True, error_code="REFUSED", error_rev=1
        )
        invitation = invitations.invite(anna, "dora@acme.example", role="user", language="en")
        yield World(
            desk,
            {
                "task": task.pk,
                "rev": task.rev,
                "passkey": key.pk,
                "email": email.pk,
                "template": template.pk,
                "password": RelayPassword.objects.get(member=ben).pk,
                "token": token.pk,
                "retry": "retry",
                "kind": "task",
                "refused": refused.pk,
                "org": org.pk,
                "lead": "lead",
                "ben": ben.pk,
                "invitation": invitation.pk,
                "invited": invitations.token_of(invitation),
                "forged": "forged",
                "section": "calls",
                "which": "key",
                "conflict": merged(desk).pk,
                "side": "ours",
                "changes": "1.1",
                "search": search.pk,
                "place": "tasks",
                "folder": "delivered",
            },
        )


def merged(desk: Desk) -> Conflict:
    """Another task of Ben's, as if both sides had changed its name, and Salesforce's stood."""
    task = desk.create("Ben's merged", owner="ben")
    connection = desk.connections["ben"]
    OrgSync.objects.get_or_create(org=connection.org)
    link = Link.objects.create(
        org=connection.org, member=connection.member, reminder=task, key="merged", sf_id="00T000000000009AAA"
    )
    return Conflict.objects.create(
        link=link,
        at=START,
        field="name",
        side="tandem",
        value="Ben's other",
        won=task.name,
        rule="Salesforce wins",
    )


def addresses(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[str]:
    """The name of every address there is, however deep it is included."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace == "api":
                continue  # asked with a token, not in a browser: tests/api
            yield from addresses(pattern.url_patterns)
        else:
            assert pattern.name, f"{pattern.pattern} has no name, so this table cannot hold it"
            yield pattern.name


def test_the_table_names_every_address_and_no_other() -> None:
    listed = list(addresses())
    assert sorted(listed) == sorted(TABLE)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_address_gives_each_role_what_the_table_says(world: World, role: str, method: str) -> None:
    column = ROLES.index(role)
    said = {name: (row.get if method == "GET" else row.post)[column] for name, row in TABLE.items()}
    assert {name: world.ask(role, method, name) for name in TABLE} == said


def test_a_post_without_its_token_is_refused_wherever_one_may_post(world: World) -> None:
    browser = world.browser("admin")
    browser.handler.enforce_csrf_checks = True
    for name, row in TABLE.items():
        if row.post[ROLES.index("admin")] not in (405, 404):
            answer = browser.post(world.address(name), row.typed)
            assert answer.status_code == 403, name


def test_a_colleagues_crafted_requests_change_nothing_of_bens(world: World) -> None:
    ben = world.desk.member("ben")
    before = held_but_by(world, "cleo")
    cleo = world.browser("colleague")
    crafted = {"member": ben.pk, "user": ben.pk, "id": ben.pk, "email": ben.email, "pk": ben.pk}
    for name, row in TABLE.items():
        if name not in ("account_logout", "join", "salesforce-disconnect"):
            cleo.get(world.address(name), crafted)
            answer = cleo.post(world.address(name), {**crafted, **row.typed})
            if name != "change-email":  # there her own form comes back with what she typed
                assert ben.email.encode() not in answer.content, name
            assert b"Ben's own" not in answer.content, name
    assert held_but_by(world, "cleo") == before


def held_but_by(world: World, name: str) -> dict[str, list[Any]]:
    """All that others have."""
    me = world.desk.member(name)
    return {
        "members": list(Member.objects.exclude(pk=me.pk).values()),
        "invitations": list(Invitation.objects.values()),
        "passkeys": list(Authenticator.objects.exclude(user=me).values()),
        "reminders": list(Reminder.objects.exclude(owner_id=me.pk).values()),
        "connections": list(Connection.objects.exclude(member=me).values("pk", "state", "sign_in", "user")),
        "settings": list(Setting.objects.exclude(member=me).values()),
        "syncs": list(TaskSync.objects.exclude(connection__member=me).values()),
        "emails": list(Email.objects.exclude(member=me).values()),
        "templates": list(Template.objects.exclude(member=me).values()),
        "relay passwords": list(RelayPassword.objects.exclude(member=me).values()),
        "tokens": list(Token.objects.exclude(made_by=me).values()),
        "app": list(TeamApp.objects.values("client_id", "target")),
    }
