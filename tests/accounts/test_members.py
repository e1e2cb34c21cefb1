"""Who is in the team, who joins it, who leaves it, and what the log of changes says of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client, override_settings

from tandem.accounts import first_run, invitations, services
from tandem.accounts.errors import AlreadyInvited, AlreadyMember, LastAdmin, NoLongerOpen, NotInvited
from tandem.accounts.models import Invitation, Member
from tandem.audit.models import Change
from tandem.config.due import due_orgs
from tandem.sync.models import TaskSync
from tests.sync.desk import Desk, open_desk

PASSWORD = "a sentence only we know"


@pytest.fixture(autouse=True)
def _clean_counters(db: None) -> None:
    from django.core.cache import cache

    cache.clear()


def browser(member: Any) -> Client:
    """Signed in by link, as the server's operator hands one out."""
    client = Client()
    client.get(f"/sign-in/{services.sign_in_token(Member.objects.get(pk=member.pk))}")
    return client


def logged() -> list[tuple[str, Any, Any]]:
    return [(change.section, change.before, change.after) for change in Change.objects.order_by("pk")]


# --- the first admin ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/settings/salesforce", "/sign-in/forgotten", "/no-such-page"]
)
def test_while_nobody_is_there_every_page_leads_to_the_first_run(path: str) -> None:
    assert Client().get(path)["Location"] == "/first-run"


def test_the_first_admin_needs_the_setup_code_and_is_signed_in() -> None:
    typed = {
        "email": "anna@acme.example",
        "name": "Anna",
        "password": PASSWORD,
        "language": "nl",
        "time_zone": "UTC",
    }
    client = Client()
    assert client.post("/first-run", {**typed, "code": "AAAA-AAAA-AAAA"}).status_code == 422
    assert client.post("/first-run", typed).status_code == 422
    assert not Member.objects.exists()
    assert (
        client.post("/first-run", {**typed, "code": first_run.setup_code()})["Location"]
        == "/settings/salesforce"
    )
    assert Member.objects.get().role == "admin"
    assert client.get("/settings/members").status_code == 200
    assert logged() == [("member", None, {"email": "anna@acme.example", "role": "admin"})]


def test_the_setup_code_opens_nothing_once_there_is_a_member(member: Any) -> None:
    typed = {"email": "eve@acme.example", "name": "Eve", "password": PASSWORD, "code": first_run.setup_code()}
    assert Client().post("/first-run", typed)["Location"] == "/sign-in"
    assert Member.objects.count() == 1


def test_the_setup_code_is_of_this_tandem_alone() -> None:
    ours = first_run.setup_code()
    assert re.fullmatch(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", ours)
    assert first_run.is_setup_code(ours.lower().replace("-", " "))
    with override_settings(SECRET_KEY="another " * 8):
        assert first_run.setup_code() != ours
        assert not first_run.is_setup_code(ours)


# --- invitations -------------------------------------------------------------------------------------------------------


def invite(by: Any, email: str = "dora@acme.example", role: str = "user") -> Invitation:
    return invitations.invite(by, email, role=role, language="en")


def take_up(token: str) -> Member:
    return invitations.accept(token, name="Dora", language="nl", time_zone="Asia/Tokyo", password=PASSWORD)


def test_an_invitation_is_taken_up_once(member: Any) -> None:
    token = invitations.token_of(invite(member, " Dora@ACME.example", "admin"))
    dora = take_up(token)
    assert (dora.email, dora.role, dora.time_zone) == ("dora@acme.example", "admin", "Asia/Tokyo")
    with pytest.raises(NotInvited):
        take_up(token)
    assert logged() == [
        ("invitation", None, {"email": "dora@acme.example", "role": "admin", "invitation": "sent"}),
        ("member", None, {"email": "dora@acme.example", "role": "admin"}),
    ]


def test_an_invitation_works_for_seven_days(member: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    invitation = invite(member)
    token = invitations.token_of(invitation)
    later = invitation.sent_at + timedelta(days=7)
    monkeypatch.setattr("tandem.clock.now", lambda: later)
    with pytest.raises(NotInvited):
        invitations.invitation_of(token)
    assert invitation.state_at(later) == "expired"
    monkeypatch.setattr("tandem.clock.now", lambda: later - timedelta(seconds=1))
    assert invitations.invitation_of(token) == invitation


def test_sent_again_only_the_newest_link_works(member: Any) -> None:
    invitation = invite(member)
    old = invitations.token_of(invitation)
    new = invitations.token_of(invitations.resend(member, invitation))
    with pytest.raises(NotInvited):
        invitations.invitation_of(old)
    assert take_up(new).email == "dora@acme.example"


def test_a_revoked_invitation_opens_nothing_and_cannot_be_sent_again(member: Any) -> None:
    invitation = invite(member)
    invitations.revoke(member, invitation)
    with pytest.raises(NotInvited):
        take_up(invitations.token_of(invitation))
    with pytest.raises(NoLongerOpen):
        invitations.resend(member, invitation)
    assert not Member.objects.filter(email="dora@acme.example").exists()
    assert invite(member).pk != invitation.pk


@pytest.mark.parametrize("token", ["", "forged", "1:forged:forged"])
def test_a_forged_invitation_opens_nothing(member: Any, token: str) -> None:
    with pytest.raises(NotInvited):
        invitations.invitation_of(token)


def test_a_sign_in_link_is_no_invitation_and_an_invitation_no_sign_in_link(member: Any) -> None:
    with pytest.raises(NotInvited):
        invitations.invitation_of(services.sign_in_token(member))
    assert services.member_of_token(invitations.token_of(invite(member))) is None


def test_a_weak_password_leaves_the_invitation_open(member: Any) -> None:
    token = invitations.token_of(invite(member))
    with pytest.raises(ValidationError) as refused:
        invitations.accept(token, name="Dora", language="nl", time_zone="UTC", password="dora")
    assert list(refused.value.message_dict) == ["password"]
    assert take_up(token).name == "Dora"


def test_nobody_is_invited_twice_or_when_a_member_already(member: Any) -> None:
    invite(member)
    with pytest.raises(AlreadyInvited):
        invite(member, "DORA@acme.example")
    with pytest.raises(AlreadyMember):
        invite(member, member.email)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            email="dora@acme.example", invited_by=member, sent_at=Invitation.objects.get().sent_at
        )


def test_an_expired_invitation_is_no_hindrance_to_a_new_one(member: Any) -> None:
    Invitation.objects.filter(pk=invite(member).pk).update(sent_at="2020-01-01T00:00Z")
    assert invite(member).state_at(Invitation.objects.latest("pk").sent_at) == "open"


def test_the_invitation_goes_out_by_mail_in_its_language(member: Any) -> None:
    answer = browser(member).post(
        "/settings/members/invite", {"email": "dora@acme.example", "role": "user", "language": "nl"}
    )
    assert answer["Location"] == "/settings/members"
    letter = mail.outbox[0]
    assert letter.to == ["dora@acme.example"]
    assert letter.subject == "Anna Bos nodigt je uit voor Tandem"
    link = re.search(r"http://testserver(/join/\S+)", letter.body)
    assert link is not None
    assert Client().get(link[1]).status_code == 200


def test_a_mail_server_that_does_not_take_it_is_told_and_the_invitation_stays(
    member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("tandem.accounts.mail.send_mail", refuse)
    typed = {"email": "dora@acme.example", "role": "user", "language": "en"}
    page = browser(member).post("/settings/members/invite", typed, follow=True).content.decode()
    assert "the mail server did not take the mail" in page
    assert invitations.token_of(Invitation.objects.get()) in page


# --- roles, leaving, coming back ---------------------------------------------------------------------------------------


def test_the_last_admin_can_neither_be_demoted_nor_deactivated(member: Any, colleague: Any) -> None:
    for change in (
        lambda: services.set_role(member, member, "user"),
        lambda: services.deactivate(member, member),
    ):
        with pytest.raises(LastAdmin):
            change()
    services.set_role(member, colleague, "admin")
    services.set_role(member, member, "user")
    with pytest.raises(LastAdmin):
        services.deactivate(colleague, colleague)
    assert set(Member.objects.values_list("email", "role", "is_active")) == {
        ("anna@acme.example", "user", True),
        ("ben@acme.example", "admin", True),
    }


def test_a_deactivated_admin_does_not_count_as_one(member: Any, colleague: Any) -> None:
    services.set_role(member, colleague, "admin")
    services.deactivate(member, colleague)
    with pytest.raises(LastAdmin):
        services.deactivate(member, member)


def test_the_page_says_why_the_last_admin_stays(member: Any) -> None:
    answer = browser(member).post(f"/settings/members/{member.pk}/role", {"role": "user"})
    assert answer.status_code == 409
    assert "This is the last admin, so nothing was changed." in answer.content.decode()


def test_roles_and_leaving_are_in_the_log(member: Any, colleague: Any) -> None:
    services.set_role(member, colleague, "admin")
    services.set_role(member, colleague, "admin")
    services.deactivate(member, colleague)
    services.reactivate(member, colleague)
    assert logged() == [
        ("member", {"role": "user"}, {"role": "admin"}),
        ("member", {"active": True}, {"active": False}),
        ("member", {"active": False}, {"active": True}),
    ]
    page = browser(member).get("/settings/audit").content.decode()
    assert "of Ben Visser" in page


def test_a_deactivated_member_is_out_at_once_and_their_sessions_do_not_come_back(
    member: Any, colleague: Any
) -> None:
    ben = browser(colleague)
    assert ben.get("/").status_code == 200
    services.deactivate(member, colleague)
    assert ben.get("/")["Location"].startswith("/sign-in")
    assert not UserSession.objects.filter(user=colleague).exists()
    services.reactivate(member, colleague)
    assert ben.get("/")["Location"].startswith("/sign-in")


def test_a_deactivated_member_cannot_sign_in(member: Any, colleague: Any) -> None:
    colleague.set_password(PASSWORD)
    colleague.save()
    token = services.sign_in_token(colleague)
    services.deactivate(member, colleague)
    answer = Client().post("/sign-in", {"login": colleague.email, "password": PASSWORD})
    assert answer["Location"] == "/sign-in/closed"
    assert Client().get(f"/sign-in/{token}").status_code == 410


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("team", [False, True], ids=["by themselves", "through the team's connection"])
def test_a_deactivated_members_sync_stops_and_goes_on_when_they_come_back(
    monkeypatch: pytest.MonkeyPatch, team: bool
) -> None:
    with open_desk(monkeypatch) as desk:
        anna = _both(desk, team)
        before = desk.create("Before", owner="ben")
        desk.round()
        services.deactivate(anna, desk.member("ben"))
        desk.insert("From Salesforce", owner="ben")
        meanwhile = desk.create("Meanwhile", owner="ben")
        desk.create("Anna's own")
        desk.wait(minutes=2)
        desk.round()
        assert {task["Subject"] for task in desk.tasks()} == {"Before", "From Salesforce", "Anna's own"}
        assert not meanwhile.__class__.objects.filter(name="From Salesforce").exists()
        services.reactivate(anna, desk.member("ben"))
        desk.wait(minutes=2)
        desk.round()
        assert "Meanwhile" in {task["Subject"] for task in desk.tasks()}
        assert before.__class__.objects.filter(name="From Salesforce").exists()


@pytest.mark.django_db(transaction=True)
def test_when_the_teams_carrier_is_deactivated_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_desk(monkeypatch) as desk:
        anna = _both(desk, team=True)
        assert due_orgs() == [desk.connections["anna"].org_id]
        services.set_role(anna, desk.member("ben"), "admin")
        services.deactivate(desk.member("ben"), anna)
        assert due_orgs() == []
        assert TaskSync.objects.filter(enabled=True).count() == 2


def _both(desk: Desk, team: bool) -> Member:
    desk.join("anna", team=team, role="admin")
    desk.join("ben")
    for name in ("anna", "ben"):
        desk.switch_on(name)
    return desk.member("anna")


# --- signing in, and what is kept of it --------------------------------------------------------------------------------


def test_the_sixth_wrong_password_within_five_minutes_closes_the_door(member: Any) -> None:
    member.set_password(PASSWORD)
    member.save()
    for _ in range(5):
        Client().post("/sign-in", {"login": member.email, "password": "wrong"})
    answer = Client().post("/sign-in", {"login": member.email, "password": PASSWORD})
    assert "Too many wrong passwords. You are not signed in." in answer.content.decode()


@override_settings(ACCOUNT_RATE_LIMITS={"login": "2/m/ip"})
def test_whoever_tries_one_name_after_the_other_is_told_to_wait(member: Any) -> None:
    for name in ("ada", "bob"):
        Client().post("/sign-in", {"login": f"{name}@acme.example", "password": "wrong"})
    answer = Client().post("/sign-in", {"login": "cas@acme.example", "password": "wrong"})
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()


@override_settings(MAIL_GOES_OUT=True)
def test_a_forgotten_password_is_chosen_anew_by_mail_once_and_signs_out_everywhere(member: Any) -> None:
    elsewhere = browser(member)
    assert (
        Client().post("/sign-in/forgotten", {"email": member.email})["Location"] == "/sign-in/forgotten/sent"
    )
    link = re.search(r"http://testserver(/sign-in/forgotten/\S+)", str(mail.outbox[0].body))
    assert link is not None
    client = Client()
    form = client.get(link[1])["Location"]
    answer = client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert answer["Location"] == "/sign-in/forgotten/done"
    assert elsewhere.get("/")["Location"].startswith("/sign-in")
    assert Client().post("/sign-in", {"login": member.email, "password": PASSWORD})["Location"] == "/"
    again = Client()
    assert again.get(link[1]).status_code == 200
    assert ("sign-in", None, {"password": "changed"}) in logged()


@override_settings(MAIL_GOES_OUT=True)
def test_a_forgotten_password_does_not_tell_who_is_a_member(member: Any) -> None:
    known = Client().post("/sign-in/forgotten", {"email": member.email})
    unknown = Client().post("/sign-in/forgotten", {"email": "nobody@acme.example"})
    assert known["Location"] == unknown["Location"]
    assert [letter.to for letter in mail.outbox] == [[member.email]]


def test_without_a_mail_server_the_page_promises_no_mail(member: Any) -> None:
    assert not settings.MAIL_GOES_OUT
    assert "has no mail server" in Client().get("/sign-in/forgotten").content.decode()


def test_nobody_signs_up_by_themselves(member: Any) -> None:
    for path in ("/signup", "/accounts/signup/", "/sign-up"):
        assert Client().get(path, follow=False).status_code in (302, 404)
    assert Member.objects.count() == 1


def test_a_member_without_a_password_chooses_the_first_one(member: Any) -> None:
    client = browser(member)
    assert "Choose a password" in client.get("/account/security").content.decode()
    client.post("/account/password/first", {"password1": PASSWORD, "password2": PASSWORD})
    assert Client().post("/sign-in", {"login": member.email, "password": PASSWORD})["Location"] == "/"


def test_a_profile_that_cannot_be_is_refused_with_a_sentence(member: Any) -> None:
    answer = browser(member).post("/account", {"name": " ", "language": "fr", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    member.refresh_from_db()
    assert (member.name, member.language) == ("Anna Bos", "en")
