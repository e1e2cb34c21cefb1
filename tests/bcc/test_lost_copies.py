"""An email whose copy Email to Salesforce does not take is in Salesforce by no way: somebody must see it, and can send it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tandem import clock
from tandem.config import wiring
from tandem.diagnostics import notices
from tandem.diagnostics.models import Notice
from tandem.emails import second_envelope
from tandem.emails.models import Email, SecondEnvelope, Source
from tandem.emails.second_rules import AFTER_REFUSAL, sentence
from tandem.sync_settings import services
from tests.bcc.conftest import Post
from tests.probes.test_probes import scraped

SAID = "550 5.7.1 not authorized"


@pytest.fixture
def active(post: Post) -> Post:
    """Copies of Anna, an admin, and of Ben go to their addresses in the org."""
    for name in ("anna", "ben"):
        services.activate_bcc(post.desk.member(name), post.accept(name))
    return post


def refuse(email: Email, times: int = len(AFTER_REFUSAL) + 1) -> None:
    """Salesforce's mail server refuses the copy, as often as Tandem tries by itself."""
    for _ in range(times):
        SecondEnvelope.objects.filter(pk=email.pk).update(not_before=clock.now())
        envelope = second_envelope.claim(email.pk, clock.new_key(), clock.now())
        assert envelope is not None
        second_envelope.not_sent(envelope, sentence("sender", email.sender), SAID, lasting=True)


def page(client: Client, path: str = "/settings/diagnostics") -> str:
    return client.get(path).content.decode()


def test_what_the_api_left_out_and_bcc_could_not_bring_is_seen_with_its_remedy_and_a_button(
    post: Post, visit: Callable[[str], Client]
) -> None:
    anna = post.desk.member("anna")
    services.save_email_api(anna, {"emails": True, "both": True})
    services.activate_bcc(anna, post.accept())
    post.contact()
    email = post.relay("Renewal")
    post.desk.round()
    assert post.desk.tasks() == [], "the API leaves it out, because BCC logs it"
    assert "Nothing stands in the way" in page(visit("anna"))
    refuse(email)
    assert post.envelope(email).state == "failed"
    seen = page(visit("anna"))
    assert "1 email is not in Salesforce: its copy did not get there" in seen
    assert "Nothing stands in the way" not in seen
    assert "Renewal" in seen
    assert "My Acceptable Email Addresses" in seen
    assert SAID in seen
    assert f"/emails/{email.pk}/copy-again" in seen
    health = page(visit("anna"), "/health")
    assert "1 email is not in Salesforce" in health
    assert "1 cause" in health
    visit("anna").post(f"/emails/{email.pk}/copy-again")
    assert "is not in Salesforce" not in page(visit("anna"))
    post.deliver(email)
    post.look()
    assert post.told(email).words == "In Salesforce"


def test_one_that_is_refused_needs_somebody_at_once_and_says_when_it_is_tried_again(
    active: Post, visit: Callable[[str], Client]
) -> None:
    email = active.relay()
    refuse(email, times=1)
    assert active.envelope(email).state == "owed"
    seen = page(visit("anna"))
    assert "1 email is not in Salesforce" in seen
    assert "tried again at" in seen
    second_envelope.stop_copies(active.desk.member("anna"))
    assert "is not in Salesforce" not in page(visit("anna")), "whoever switches it off wants none"


def test_one_that_only_waits_for_the_provider_needs_nobody(
    active: Post, visit: Callable[[str], Client]
) -> None:
    envelope = second_envelope.claim(active.relay().pk, "worker", clock.now())
    assert envelope is not None
    second_envelope.not_sent(envelope, "Busy", "421 busy", lasting=False)
    assert "is not in Salesforce" not in page(visit("anna"))


def test_all_of_ones_own_go_again_with_one_button(active: Post, visit: Callable[[str], Client]) -> None:
    mine = [active.relay(f"Offer {n}") for n in range(3)]
    bens = active.relay("Of Ben", name="ben")
    for email in (*mine, bens):
        refuse(email)
    assert "Send all 3 again" in page(visit("anna"))
    toast = visit("anna").post("/emails/copies-again", follow=True).content.decode()
    assert "3 copies go to Salesforce again." in toast
    assert {active.envelope(email).state for email in mine} == {"owed"}
    assert active.envelope(bens).state == "failed"
    assert second_envelope.due(clock.now()) == [email.pk for email in mine]
    assert "none waits for you" in visit("anna").post("/emails/copies-again", follow=True).content.decode()


def test_who_lost_copies_is_told_of_their_own_by_mail_once_while_it_lasts(active: Post) -> None:
    mine = [active.relay(f"Offer {n}") for n in range(2)]
    for email in (*mine, active.relay("Of Ben", name="ben")):
        refuse(email, times=1)
    notices.tell()
    assert mail.outbox == [], "more may be refused in the next minutes"
    active.desk.wait(minutes=3)
    notices.tell()
    told = {message.to[0]: message.body for message in mail.outbox}
    assert sorted(told) == ["anna@tandem.example", "ben@tandem.example"]
    assert "by Email to Salesforce (BCC). (2 items)" in told["anna@tandem.example"]
    assert "Offer" not in told["anna@tandem.example"], "a mail may be read by others"
    active.desk.wait(hours=2)
    notices.tell()
    assert len(mail.outbox) == 2
    second_envelope.try_all_again(active.desk.member("anna"))
    notices.tell()
    assert [notice.member.name for notice in Notice.objects.all()] == [active.desk.member("ben").name]


def test_without_an_api_there_are_no_rounds_so_the_next_try_of_the_copy_tells(active: Post) -> None:
    email = active.relay()  # Anna has no mail account: her copies cannot go out
    wiring.send_copy(email.pk)
    assert mail.outbox == []
    active.desk.wait(minutes=16)
    assert second_envelope.due(clock.now()) == [email.pk]
    wiring.send_copy(email.pk)
    assert [message.to for message in mail.outbox] == [["anna@tandem.example"]]


def test_lost_copies_are_a_number_that_machines_may_watch(active: Post, settings: Any) -> None:
    watched = "tandem_needs_you", (("code", "COPY_LOST"),)
    assert watched not in scraped(settings)
    for name in ("anna", "ben"):
        refuse(active.relay(name=name), times=1)
    assert scraped(settings)[watched] == 2


def test_p_11_a_user_sees_their_own_and_an_admin_the_teams_but_no_colleagues_subject(
    active: Post, visit: Callable[[str], Client]
) -> None:
    of_anna, of_ben = active.relay("Secret of Anna"), active.relay("Secret of Ben", name="ben")
    for email in (of_anna, of_ben):
        refuse(email)
    bens, annas = page(visit("ben")), page(visit("anna"))
    assert "1 email is not in Salesforce" in bens
    assert "Secret of Anna" not in bens
    assert "2 emails are not in Salesforce" in annas
    assert "An email of Ben" in annas
    assert "Secret of Ben" not in annas
    assert f"/emails/{of_ben.pk}/copy-again" not in annas
    assert visit("anna").post(f"/emails/{of_ben.pk}/copy-again").status_code == 404


def test_an_admin_does_not_read_the_address_that_a_server_named_of_a_colleagues_copy(
    active: Post, visit: Callable[[str], Client]
) -> None:
    email = active.relay("Offer", name="ben")
    active.deliver(email, arrives=False)
    said = "550 5.1.1 <emailtosalesforce@0-secret.le.salesforce.com>: unknown user"
    assert second_envelope.bounced(email, active.envelope(email).address, said)
    assert "0-secret" in page(visit("ben"))
    assert "0-secret" not in page(visit("anna"))


def test_while_bcc_is_off_the_page_says_how_to_switch_it_on_and_offers_nothing_that_would_fail(
    active: Post, visit: Callable[[str], Client]
) -> None:
    email = active.relay()
    refuse(email)
    second_envelope.stop_copies(active.desk.member("anna"))
    seen = page(visit("anna"))
    assert "1 email is not in Salesforce" in seen
    assert "Switch it on, then send them again" in seen
    assert "copy-again" not in seen


def test_a_bounce_that_comes_after_the_text_was_let_go_is_listed_without_a_button(
    active: Post, visit: Callable[[str], Client]
) -> None:
    email = active.relay()
    active.deliver(email, arrives=False)
    active.desk.wait(days=2, minutes=1)
    second_envelope.forget()
    assert second_envelope.bounced(email, active.envelope(email).address, SAID)
    seen = page(visit("anna"))
    assert "log it in Salesforce by hand" in seen
    assert "copy-again" not in seen


def test_the_button_counts_what_can_be_sent_again_and_the_pages_say_how_many_cannot(
    active: Post, visit: Callable[[str], Client]
) -> None:
    emails = [active.relay(f"Offer {n}") for n in range(4)]
    for email in emails:
        refuse(email)
    for gone in emails[:2]:
        Source.objects.filter(email=gone).delete()
    seen, health = page(visit("anna")), page(visit("anna"), "/health")
    assert "4 emails are not in Salesforce" in seen
    assert "Send all 2 again" in seen
    for told in (seen, health):
        assert "2 of them cannot be sent again, because their text is not kept any more" in told
    toast = visit("anna").post("/emails/copies-again", follow=True).content.decode()
    assert "2 copies go to Salesforce again." in toast
    assert "Send all" not in toast, "what is left can only be logged by hand"


def test_while_bcc_is_off_nobody_is_told_to_switch_it_on_for_what_cannot_be_sent_again(
    active: Post, visit: Callable[[str], Client]
) -> None:
    email = active.relay()
    refuse(email)
    Source.objects.filter(email=email).delete()
    second_envelope.stop_copies(active.desk.member("anna"))
    seen = page(visit("anna"))
    assert "log it in Salesforce by hand" in seen
    assert "Switch it on" not in seen


def test_what_nobody_can_send_again_any_more_is_not_listed(
    active: Post, visit: Callable[[str], Client]
) -> None:
    email = active.relay()
    refuse(email)
    active.desk.wait(days=14, minutes=1)
    second_envelope.forget()
    assert not Source.objects.exists()
    assert "is not in Salesforce" not in page(visit("anna"))
    told = active.told(email)
    assert (told.words, told.may_copy_again) == ("Needs you", False), "the email's own page still says so"
