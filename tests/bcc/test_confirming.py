"""After a copy went out, Tandem looks what Salesforce made of it: in shared calls, with three outcomes, and never in the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tandem.bcc import confirming
from tandem.bcc.models import Filing
from tandem.config import wiring
from tandem.connections import services as connections
from tandem.connections.models import Connection
from tandem.emails import second_envelope
from tandem.emails.models import Email, Source
from tandem.sync_settings import services
from tests.bcc.conftest import JAN, Post
from tests.connections.test_unreadable_secret import spoil_the_secret


@pytest.fixture
def active(post: Post) -> Post:
    """Anna's copies go to her address in the org."""
    services.activate_bcc(post.desk.member("anna"), post.accept())
    return post


def test_logged_on_jan_de_vries_and_2_opportunities(active: Post) -> None:
    jan = active.contact()
    deals = [active.deal(jan), active.deal(jan, "Deal 2")]
    email = active.relay()
    active.deliver(email)
    assert active.told(email).words == "Handed to Salesforce"
    active.look()
    told = active.told(email)
    assert (told.verdict, told.words, told.tone) == ("logged", "In Salesforce", "green")
    assert told.why == ["Logged on Jan de Vries and 2 opportunities, by Email to Salesforce."]
    assert [place.record for place in told.places] == [jan, *deals]
    assert told.places[0].task_url.startswith(active.desk.running.url)
    assert not Source.objects.exists()


def test_with_nobody_known_it_waits_in_my_unresolved_items(active: Post) -> None:
    email = active.relay()
    active.deliver(email)
    active.look()
    told = active.told(email)
    assert told.words == "In My Unresolved Items"
    assert len(told.places) == 1


def by_hand(post: Post, subject: str = "Proposal", **values: object) -> str:
    """Anna writes a task in Salesforce that bears the email's subject."""
    made = {"Subject": subject, "OwnerId": post.desk.connections["anna"].user, **values}
    return post.desk.running.call(lambda: post.desk.org.insert("Task", made))


def test_a_task_that_anna_wrote_herself_looks_like_the_email_and_is_not_said_to_be_it(active: Post) -> None:
    jan = active.contact()
    email = active.relay(text="Here is what we talked about.")
    active.deliver(email, arrives=False)
    task = by_hand(active, WhoId=jan, Description="Promised him a proposal")
    active.look()
    told = active.told(email)
    assert (told.verdict, told.words, told.may_copy_again) == ("open", "Looks logged", True)
    assert "looks like it was logged on Jan de Vries" in str(told.why[0])
    assert "do not say for certain" in str(told.why[1])
    assert [(place.task, place.state) for place in told.places] == [(task, "waiting")]
    assert Source.objects.exists(), "the copy can be sent again"
    # The email itself comes late, and is found beside it.
    door, content = active.desk.running.door, bytes(Source.objects.get().content)
    active.desk.running.call(lambda: door.take(email.sender, active.envelope(email).address, content))
    active.look(minutes=1)
    told = active.told(email)
    assert (told.verdict, told.words) == ("logged", "In Salesforce")
    assert task not in [place.task for place in told.places]
    assert not Source.objects.exists()


def test_what_only_looks_unresolved_is_worded_so_and_gives_way_to_whose_it_is(active: Post) -> None:
    first = active.relay(text="Dear you", to="one@nobody.example")
    active.deliver(first, arrives=False)
    second = active.relay(text="Dear you", to="two@nobody.example")
    active.deliver(second)
    active.look()
    told = {active.told(each).words for each in (first, second)}
    assert told == {"Looks unresolved", "Handed to Salesforce"}, (
        "one of them is there, and nobody knows which"
    )


def test_one_in_doubt_that_only_looks_logged_is_not_sent_again_by_itself(active: Post) -> None:
    jan = active.contact()
    email = active.relay(text="Here is what we talked about.")
    envelope = second_envelope.claim(email.pk, "worker", active.desk.clock.now())
    assert envelope is not None
    assert second_envelope.hand_over(envelope)
    second_envelope.in_doubt(envelope)
    by_hand(active, WhoId=jan)
    for minutes in (1, 10, 20, 60):
        active.look(minutes=minutes)
        assert (active.told(email).words, active.envelope(email).state) == ("Looks logged", "doubt")


def test_the_same_email_twice_is_two_tasks_also_where_one_is_looked_for_first(active: Post) -> None:
    active.contact()
    first = active.relay()
    active.deliver(first)
    active.desk.wait(seconds=14)
    second = active.relay()
    active.deliver(second)
    active.look(seconds=1)  # too early for the second
    assert len(active.told(first).places) == 1
    active.look()
    tasks = [place.task for each in (first, second) for place in active.told(each).places]
    assert len(set(tasks)) == 2
    assert {active.told(each).words for each in (first, second)} == {"In Salesforce"}


def test_not_seen_after_30_minutes_it_says_why_that_happens_and_a_late_one_is_still_found(
    active: Post,
) -> None:
    active.contact()
    email = active.relay()
    active.deliver(email, arrives=False)
    active.look()
    for _ in range(5):
        active.look(minutes=5)
        assert active.told(email).words == "Handed to Salesforce"
    active.look(minutes=5)
    told = active.told(email)
    assert (told.words, told.may_copy_again) == ("Not seen", True)
    assert "was not seen there after 30 minutes" in str(told.why[0])
    assert any("Acceptable Email Addresses" in str(sentence) for sentence in told.why)
    door, content = active.desk.running.door, bytes(Source.objects.get().content)
    active.desk.running.call(lambda: door.take(email.sender, active.envelope(email).address, content))
    active.look(hours=2)
    assert active.told(email).words == "In Salesforce"


def test_the_looks_end_after_a_day(active: Post) -> None:
    active.deliver(active.relay(), arrives=False)
    for hours in (0.01, 1, 2, 8, 24):
        active.look(hours=hours)
    calls = active.desk.calls
    active.look(hours=24)
    assert active.desk.calls == calls
    assert Filing.objects.get().next_look_at is None


def test_a_hundred_copies_of_a_team_cost_one_call(active: Post) -> None:
    desk = active.desk
    services.activate_bcc(desk.member("ben"), active.accept("ben"))
    connections.read_for_team(desk.connections["anna"])
    active.contact()
    emails = [active.relay(f"Offer {n}", name=("anna", "ben")[n % 2]) for n in range(100)]
    for email in emails:
        active.deliver(email)
    calls = desk.calls
    active.look()
    assert {active.told(email).words for email in emails} == {"In Salesforce"}
    assert desk.calls - calls == 1
    active.look(minutes=5)
    assert desk.calls - calls == 1, "what was seen is not asked for again"


def test_a_teams_secret_that_cannot_be_read_does_not_end_the_looking(active: Post) -> None:
    desk = active.desk
    services.activate_bcc(desk.member("ben"), active.accept("ben"))
    connections.read_for_team(desk.connections["anna"])
    email = active.relay(name="ben")
    active.deliver(email)
    spoil_the_secret(desk.connections["anna"])
    desk.wait(seconds=15)
    assert confirming.due() == [desk.connections["anna"].org_id], "other orgs are looked into, too"
    active.look()
    assert active.told(email).words == "Handed to Salesforce"


def test_without_the_api_it_is_handed_to_salesforce_and_nobody_asks(active: Post) -> None:
    email = active.relay()
    active.deliver(email)
    Connection.objects.update(trouble_code="API_DISABLED_FOR_ORG")
    calls = active.desk.calls
    active.look(minutes=40)
    told = active.told(email)
    assert (told.words, told.tone, active.desk.calls) == ("Handed to Salesforce", "secondary", calls)
    assert "without the API Tandem cannot look" in str(told.why[-1])


def test_while_salesforce_does_not_answer_it_is_asked_again_later(active: Post) -> None:
    active.contact()
    email = active.relay()
    active.deliver(email)
    active.desk.fault("503_before_commit", times=1)
    active.look()
    assert active.told(email).words == "Handed to Salesforce"
    active.look(minutes=2)
    assert active.told(email).words == "In Salesforce"


def test_of_two_workers_one_looks(active: Post) -> None:
    active.deliver(active.relay())
    active.desk.wait(seconds=15)
    (org,) = confirming.due()
    calls = active.desk.calls
    wiring.look_for_copies(org)
    wiring.look_for_copies(org)
    assert active.desk.calls - calls == 1


def test_one_in_doubt_that_is_not_seen_goes_out_again_and_is_looked_for_anew(active: Post) -> None:
    active.contact()
    email = active.relay()
    envelope = second_envelope.claim(email.pk, "worker", active.desk.clock.now())
    assert envelope is not None
    assert second_envelope.hand_over(envelope)
    second_envelope.in_doubt(envelope)
    assert active.told(email).words == "Unknown"
    for minutes in (1, 10, 20):
        active.look(minutes=minutes)
    assert active.envelope(email).state == "owed"
    active.deliver(email)
    active.look()
    assert active.told(email).words == "In Salesforce"


def test_one_in_doubt_that_salesforce_has_is_not_sent_again(active: Post) -> None:
    active.contact()
    email = active.relay()
    envelope = second_envelope.claim(email.pk, "worker", active.desk.clock.now())
    assert envelope is not None
    assert second_envelope.hand_over(envelope)
    door, content = active.desk.running.door, bytes(email.source.content)
    active.desk.running.call(lambda: door.take(email.sender, envelope.address, content))
    second_envelope.in_doubt(envelope)
    active.look()
    assert (active.told(email).words, active.envelope(email).state) == ("In Salesforce", "sent")


def test_its_sender_sends_a_copy_again_and_nobody_else_can(
    active: Post, visit: Callable[[str], Client]
) -> None:
    active.contact()
    email = active.relay()
    active.deliver(email, arrives=False)
    assert visit("ben").post(f"/emails/{email.pk}/copy-again").status_code == 404
    page = visit("anna").post(f"/emails/{email.pk}/copy-again", follow=True).content.decode()
    assert "The copy goes to Salesforce again." in page
    active.deliver(email)
    active.look()
    page = visit("anna").post(f"/emails/{email.pk}/copy-again", follow=True).content.decode()
    assert "The copy was not sent again" in page
    assert "Logged on Jan de Vries" in page


def test_p_9_where_an_admin_insists_on_both_the_api_leaves_out_what_bcc_sent_by_its_message_id(
    post: Post,
) -> None:
    anna, desk = post.desk.member("anna"), post.desk
    post.contact()
    services.save_email_api(anna, {"emails": True, "both": True})
    alone = post.relay("By the API")
    services.activate_bcc(anna, post.accept())
    copied = post.relay("By both")
    post.deliver(copied)
    services.deactivate_bcc(anna)  # what went by BCC stays so
    desk.round()
    subjects = [task["Subject"] for task in desk.tasks()]
    assert sorted(subjects) == ["By the API", "Email: By both"]
    post.look()
    assert [str(line) for line in post.told(copied).why] == [
        "Logged on Jan de Vries, by Email to Salesforce.",
        "It went to Salesforce by BCC already, which logs it there.",
    ]
    assert post.told(alone).words == "In Salesforce"
    assert Email.objects.filter(recipients__address=JAN).count() == 2
