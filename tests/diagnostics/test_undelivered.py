"""Emails that did not go out at all, on the page of Diagnostics: whose, why, and once more."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tandem import clock
from tandem.accounts.models import Member
from tandem.emails.models import Email, Source
from tests.emails.test_lists import email

PAGE = "/settings/diagnostics"
SAID = "The mail server does not accept this user name and password. Nothing was sent."


def failed(member: Member, subject: str, why: str = SAID, **more: Any) -> Email:
    made = email(member, subject, "failed", trouble=why, failed_at=clock.now(), **more)
    Source.objects.create(email=made, content=b"")
    return made


def signed_in(member: Member) -> Client:
    browser = Client()
    browser.force_login(member)
    return browser


def read(browser: Client, path: str = PAGE, **given: str) -> str:
    return " ".join(html.unescape(browser.get(path, given).content.decode()).split())


def test_p12_what_did_not_go_out_is_seen_by_reason_and_all_of_it_sent_again(member: Member) -> None:
    for subject in ("Offer", "Contract"):
        failed(member, subject)
    failed(member, "Invoice", "There is no server named mial.example.")
    anna = signed_in(member)
    page = read(anna)
    assert page.index(SAID) < page.index("There is no server named mial.example.")
    assert "2 emails did not go out." in page
    said = " ".join(anna.post(f"{PAGE}/send-again", {"why": SAID}, follow=True).content.decode().split())
    assert "2 emails are going out again." in said
    assert SAID not in said
    states = dict(Email.objects.values_list("subject", "state"))
    assert states == {"Offer": "sending", "Contract": "sending", "Invoice": "failed"}
    said = anna.post(f"{PAGE}/send-again", {"why": SAID}, follow=True).content.decode()
    assert "Nothing was sent: these emails went on in the meantime." in said


def test_what_a_server_said_in_several_lines_comes_back_from_a_browser_with_its_own_line_ends(
    member: Member,
) -> None:
    failed(member, "Offer", "550 No.\nNot today.")
    anna = signed_in(member)
    answer = anna.post(f"{PAGE}/send-again", {"why": "550 No.\r\nNot today."}, follow=True)
    assert "1 email is going out again." in " ".join(answer.content.decode().split())


def test_sync_health_does_not_say_that_all_is_well_while_emails_stayed_here(member: Member) -> None:
    failed(member, "Offer")
    page = read(signed_in(member), "/health")
    assert "1 email did not go out." in page
    assert "Nothing stands in the way." not in page


def test_what_the_server_may_have_is_looked_at_and_not_sent_again_in_one_go(member: Member) -> None:
    failed(member, "Offer", "Nobody knows whether it went out.", handed_over_at=clock.now())
    anna = signed_in(member)
    page = read(anna)
    assert "Nobody knows whether it went out." in page
    assert 'href="/emails?folder=failed"' in page
    assert "Send again" not in page
    anna.post(f"{PAGE}/send-again", {"why": "Nobody knows whether it went out."})
    assert Email.objects.get().state == "failed"


def test_an_admin_sees_whose_emails_and_how_many_and_nothing_of_what_they_say(
    member: Member, colleague: Member
) -> None:
    made = failed(colleague, "A secret offer", "Not sent: jan@veldkamp.example wants no emails.")
    page = read(signed_in(member))
    assert "1 email of Ben Visser did not go out." in page
    assert "A secret offer" not in page
    assert "jan@veldkamp.example" not in page
    signed_in(member).post(f"{PAGE}/send-again", {"why": made.trouble})
    assert Email.objects.get().state == "failed"


def test_a_user_sees_no_colleagues_and_a_filter_of_salesforces_problems_shows_none(
    member: Member, colleague: Member
) -> None:
    failed(member, "Offer")
    assert "did not go out" not in read(signed_in(colleague))
    assert "did not go out" in read(signed_in(member))
    assert "did not go out" not in read(signed_in(member), code="INVALID_TYPE")


@pytest.mark.parametrize("gone", ["archived_at", "deleted_at"])
def test_what_was_put_away_is_a_problem_no_more(member: Member, gone: str) -> None:
    failed(member, "Offer", **{gone: clock.now() - timedelta(hours=1)})
    assert "did not go out" not in read(signed_in(member))
