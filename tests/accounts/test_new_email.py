"""A member signs in with another address: proven by mail, told to the old one, and nobody else's to change."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client, override_settings

from tandem.accounts import new_email, services
from tandem.accounts.models import Member
from tandem.audit.models import Change

PASSWORD = "a sentence only I know"
NEW = "anna.bos@acme.example"

pytestmark = pytest.mark.django_db
sends_mail = override_settings(MAIL_GOES_OUT=True)


def signed_in(member: Member) -> Client:
    client = Client()
    client.get(f"/sign-in/{services.sign_in_token(Member.objects.get(pk=member.pk))}")
    return client


def link_in(letter: Any) -> str:
    found = re.search(r"http://testserver(/account/email/\S+)", str(letter.body))
    assert found is not None
    return found[1]


def email_of(member: Member) -> str:
    return Member.objects.get(pk=member.pk).email


@sends_mail
def test_the_link_goes_to_the_new_address_and_the_old_one_holds_until_it_is_opened(member: Member) -> None:
    client = signed_in(member)
    page = client.post("/account/email", {"email": "Anna.Bos@Acme.example "}, follow=True)
    assert f"A link is on its way to {NEW}" in page.content.decode()
    (letter,) = mail.outbox
    assert letter.to == [NEW]
    assert email_of(member) == "anna@acme.example"
    asked = client.get(link_in(letter))  # looking alone, as programs do, changes nothing
    assert NEW in asked.content.decode()
    assert email_of(member) == "anna@acme.example"
    done = client.post(link_in(letter), follow=True)
    assert f"From now on you sign in as {NEW}" in done.content.decode()
    assert email_of(member) == NEW
    assert mail.outbox[1].to == ["anna@acme.example"]
    assert "If it was not you" in mail.outbox[1].body
    assert client.post(link_in(letter)).status_code == 410  # once


@sends_mail
def test_from_then_on_the_old_address_opens_nothing(member: Member) -> None:
    member.set_password(PASSWORD)
    member.save()
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    new_email.change(member, NEW)
    assert Client().post("/sign-in", {"login": "anna@acme.example", "password": PASSWORD}).status_code == 200
    assert Client().post("/sign-in", {"login": NEW, "password": PASSWORD})["Location"] == "/"
    Client().post("/sign-in/forgotten", {"email": "anna@acme.example"})
    assert mail.outbox == []
    Client().post("/sign-in/forgotten", {"email": NEW})
    assert [letter.to for letter in mail.outbox] == [[NEW]]


@sends_mail
def test_a_link_is_good_for_who_asked_for_it_alone_and_for_a_day(
    member: Member, colleague: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = new_email.token_for(member, NEW)
    assert signed_in(colleague).post(f"/account/email/{token}").status_code == 410
    assert Client().post(f"/account/email/{token}")["Location"].startswith("/sign-in")
    monkeypatch.setattr(new_email, "LINK_FOR", -1)
    assert signed_in(member).post(f"/account/email/{token}").status_code == 410
    assert (email_of(member), email_of(colleague)) == ("anna@acme.example", "ben@acme.example")


@sends_mail
def test_an_address_of_another_member_is_refused_when_asked_for_and_when_taken_meanwhile(
    member: Member, colleague: Member
) -> None:
    client = signed_in(member)
    refused = client.post("/account/email", {"email": "BEN@acme.example"})
    assert refused.status_code == 422
    assert "Another member signs in with this address, so nothing was changed." in refused.content.decode()
    client.post("/account/email", {"email": NEW})
    new_email.change(colleague, NEW)
    late = client.post(link_in(mail.outbox[0]))
    assert late.status_code == 409
    assert email_of(member) == "anna@acme.example"


@sends_mail
def test_somebody_at_an_open_browser_is_asked_who_they_are_first(member: Member) -> None:
    member.set_password(PASSWORD)
    member.save()
    client = Client()
    client.force_login(member)
    assert client.post("/account/email", {"email": NEW})["Location"].startswith("/sign-in/again")
    assert mail.outbox == []


def test_without_a_mail_server_it_changes_at_once_and_says_so_before(member: Member) -> None:
    client = signed_in(member)
    assert "the new address counts at once" in client.get("/account/email").content.decode()
    client.post("/account/email", {"email": NEW})
    assert email_of(member) == NEW
    assert mail.outbox == []


def test_the_log_says_who_changed_it_from_what_to_what(member: Member) -> None:
    new_email.change(member, NEW)
    entry = Change.objects.latest("pk")
    assert (entry.by, entry.member) == (member, member)
    assert (entry.before, entry.after) == ({"email": "anna@acme.example"}, {"email": NEW})
