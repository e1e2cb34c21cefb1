"""What is held for review: who sees it, what a person may decide, and what becomes of it in Salesforce."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tandem.config import wiring
from tandem.connections.models import Connection, Org
from tandem.diagnostics import review
from tandem.diagnostics.review import count_held, groups_of
from tandem.diagnostics.why import sentence, told_of_emails
from tandem.emails import services as emails
from tandem.emails.models import Email
from tandem.people.models import Ignored
from tandem.sync.models import Activity, ActivityLink, Held
from tandem.sync_settings import services as settings
from tests.sync.desk import Desk, open_desk

JAN = "jan@veldkamp.example"


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna, an admin, and Ben, a user; emails are logged to leads and contacts, and held where nobody matches."""
    with open_desk(monkeypatch) as desk:
        desk.join("anna", role="admin")
        desk.join("ben")
        wiring.register_answers()
        settings.save_email_api(desk.member("anna"), {"emails": True})
        yield desk


def send(desk: Desk, *to: str, owner: str = "anna", number: int = 1, subject: str = "Offerte") -> Email:
    """An email that this member sent, told once, before the next round."""
    lines = [
        f"Message-ID: <{owner}-{number}@tandem.example>",
        f"From: {owner}@tandem.example",
        f"To: {', '.join(to)}",
        f"Subject: {subject}",
        "Date: Mon, 23 Nov 2026 09:00:00 +0000",
    ]
    message = "\n".join([*lines, "", "Dag!"]).encode()
    return emails.told(desk.member(owner), message=message, way=Email.Way.API)


def lead(desk: Desk, name: str = "de Vries", email: str = "") -> str:
    made = {"LastName": name, "Company": "Veldkamp", **({"Email": email} if email else {})}
    return desk.running.call(lambda: desk.org.insert("Lead", made))


def browser(desk: Desk, name: str = "anna") -> Client:
    client = Client()
    client.force_login(desk.member(name))
    return client


def press(client: Client, path: str, **form: Any) -> str:
    """Post, and read what the page says then."""
    answer = client.post(path, form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def held() -> list[str]:
    return sorted(Held.objects.filter(record="").values_list("address", flat=True))


def logged_on() -> set[str]:
    return set(ActivityLink.objects.filter(closed="logged").values_list("record", flat=True))


# --- who sees it ------------------------------------------------------------------------------------------------------


def test_addresses_that_nobody_has_are_held_and_counted_once_each(desk: Desk) -> None:
    send(desk, JAN)
    send(desk, JAN, "piet@veldkamp.example", number=2)
    desk.round()
    anna = desk.member("anna")
    assert count_held(anna) == 2
    groups = groups_of(anna, ["piet@veldkamp.example", JAN, "nobody@veldkamp.example"])
    assert [(group.address, len(group.items)) for group in groups] == [("piet@veldkamp.example", 1), (JAN, 2)]


def test_what_waits_longest_comes_first_and_the_rest_is_on_further_pages(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "PAGE", 2)
    for number, name in enumerate(["c", "a", "b"]):
        send(desk, f"{name}@veldkamp.example", number=number)
        desk.round()
        desk.wait(minutes=1)
    client = browser(desk)
    first, second = (client.get("/review", {"page": page}).content.decode() for page in (1, 2))
    assert [first.find(f"{name}@veldkamp") > 0 for name in "cab"] == [True, True, False]
    assert first.index("c@veldkamp") < first.index("a@veldkamp")
    assert "1 to 2 of 3" in first
    assert "b@veldkamp" in second
    assert "a@veldkamp" not in second
    assert "1 to 2 of 3" in client.get("/review", {"page": "x"}).content.decode()


def test_an_admin_sees_the_teams_without_subjects_and_a_user_only_their_own(desk: Desk) -> None:
    send(desk, "a@veldkamp.example", subject="Anna's secret")
    send(desk, "b@veldkamp.example", owner="ben", subject="Ben's secret")
    desk.round()
    team = browser(desk, "anna").get("/review").content.decode()
    assert "a@veldkamp.example" in team
    assert "b@veldkamp.example" in team
    assert "Anna&#x27;s secret" in team
    assert "Ben&#x27;s secret" not in team
    own = browser(desk, "ben").get("/review").content.decode()
    assert "b@veldkamp.example" in own
    assert "a@veldkamp.example" not in own


@pytest.mark.parametrize(
    "path",
    ["/review/leave-out", "/review/ignore", "/review/make-leads", "/review/choose", "/review/make/lead"],
)
def test_what_is_not_theirs_a_user_cannot_decide_by_a_crafted_request(desk: Desk, path: str) -> None:
    send(desk, JAN)
    desk.round()
    form = {"address": JAN, "record": "00Q000000000001AAA", "last_name": "x", "company": "x"}
    browser(desk, "ben").post(path, form)
    assert held() == [JAN]
    assert not Ignored.objects.exists()
    assert Activity.objects.get().verdict == "held"


# --- what is decided --------------------------------------------------------------------------------------------------


def test_a_record_is_found_chosen_and_logged_on(desk: Desk) -> None:
    there = lead(desk, "Jansen")
    send(desk, JAN)
    send(desk, JAN, number=2)
    desk.round()
    client = browser(desk)
    found = client.get("/review/choose", {"address": JAN, "q": "Jansen"}).content.decode()
    assert there in found
    assert "logged on the record that you chose" in press(client, "/review/choose", address=JAN, record=there)
    desk.round()
    assert logged_on() == {there}
    assert {task["WhoId"] for task in desk.tasks()} == {there}
    assert len(desk.tasks()) == 2
    assert held() == []


def test_choosing_nothing_logs_nothing_and_says_so(desk: Desk) -> None:
    send(desk, JAN)
    desk.round()
    answer = browser(desk).post("/review/choose", {"address": JAN})
    assert answer.status_code == 422
    assert "No record was chosen, so nothing was logged." in answer.content.decode()
    assert held() == [JAN]


@pytest.mark.parametrize("record", ["x", "005000000000001AAA", "00Q000000000001", "00Q'; DROP Lead--AA"])
def test_what_is_no_record_is_not_chosen_and_holds_up_nobody(desk: Desk, record: str) -> None:
    send(desk, JAN)
    desk.round()
    answer = browser(desk).post("/review/choose", {"address": JAN, "record": record})
    assert answer.status_code == 422
    assert held() == [JAN]
    desk.round()


def test_an_admin_who_is_not_in_the_org_of_what_waits_is_told_so_and_nothing_is_logged(desk: Desk) -> None:
    there = lead(desk, "Jansen")
    send(desk, JAN, owner="ben")
    desk.round()
    elsewhere = Org.objects.create(sf_id="00D000000000099AAA", name="Elsewhere")
    Connection.objects.filter(member=desk.member("anna")).update(org=elsewhere)
    client = browser(desk)
    for answer in (
        client.get("/review/choose", {"address": JAN}),
        client.post("/review/choose", {"address": JAN, "record": there}),
    ):
        assert "another Salesforce org" in answer.content.decode()
    assert held() == [JAN]


def test_when_salesforce_cannot_be_searched_the_page_says_so(desk: Desk) -> None:
    send(desk, JAN)
    desk.round()
    desk.fault("503_before_commit", times=None)
    assert (
        "Salesforce cannot be asked now."
        in browser(desk).get("/review/choose", {"address": JAN}).content.decode()
    )


def test_a_lead_is_made_once_and_everything_that_waits_is_logged_on_it(desk: Desk) -> None:
    send(desk, f"Jan de Vries <{JAN}>")
    send(desk, JAN, number=2)
    desk.round()
    client = browser(desk)
    form = client.get("/review/make/lead", {"address": JAN}).content.decode()
    assert 'value="Vries"' in form
    assert 'value="veldkamp.example"' in form
    said = press(
        client, "/review/make/lead", address=JAN, first_name="Jan", last_name="de Vries", company="Veldkamp"
    )
    assert "1 lead is made in the next round" in said
    assert "Being made" in said
    desk.settle()
    leads = desk.running.call(lambda: list(desk.org.scan("Lead")))
    assert [(each["LastName"], each["Company"], each["Email"]) for each in leads] == [
        ("de Vries", "Veldkamp", JAN)
    ]
    assert {task["WhoId"] for task in desk.tasks()} == {leads[0]["Id"]}
    assert len(desk.tasks()) == 2


def test_a_contact_needs_no_company(desk: Desk) -> None:
    send(desk, JAN)
    desk.round()
    client = browser(desk)
    assert "company" not in client.get("/review/make/contact", {"address": JAN}).content.decode()
    press(client, "/review/make/contact", address=JAN, last_name="de Vries")
    desk.settle()
    assert [each["Email"] for each in desk.running.call(lambda: list(desk.org.scan("Contact")))] == [JAN]


def test_a_lead_without_a_name_is_asked_for_again(desk: Desk) -> None:
    send(desk, JAN)
    desk.round()
    answer = browser(desk).post("/review/make/lead", {"address": JAN, "last_name": "", "company": "Veldkamp"})
    assert answer.status_code == 422
    assert "Salesforce needs a last name. Nothing was made." in answer.content.decode()


def test_leads_are_made_for_all_that_are_ticked(desk: Desk) -> None:
    send(desk, "a@veldkamp.example", "b@noordzee.example", "c@porto.example")
    desk.round()
    said = press(browser(desk), "/review/make-leads", address=["a@veldkamp.example", "b@noordzee.example"])
    assert "2 leads are made in the next round" in said
    desk.settle()
    leads = desk.running.call(lambda: list(desk.org.scan("Lead")))
    assert sorted((each["LastName"], each["Company"]) for each in leads) == [
        ("a", "veldkamp.example"),
        ("b", "noordzee.example"),
    ]
    assert held() == ["c@porto.example"]


# --- ignore, leave out, and back --------------------------------------------------------------------------------------


def test_an_address_is_ignored_from_now_on_and_that_can_be_taken_back(desk: Desk) -> None:
    email = send(desk, JAN)
    desk.round()
    client = browser(desk, "anna")
    assert f"{JAN}: nothing is logged for it any more" in press(client, "/review/ignore", address=JAN)
    desk.round()
    assert [str(said) for said in told_of_emails([email])[email.pk].why] == [
        f"{JAN}: your team ignores this address or its domain."
    ]
    assert held() == []
    assert "Taken back." in press(client, "/review/undo")
    desk.round()
    assert held() == [JAN]
    assert not Ignored.objects.exists()
    assert "There is nothing to take back any more." in press(client, "/review/undo")


def test_taking_back_leaves_what_was_ignored_before(desk: Desk) -> None:
    send(desk, JAN)
    desk.round()
    Ignored.objects.create(pattern="noordzee.example", by=desk.member("ben"), at=desk.clock.now())
    client = browser(desk)
    press(client, "/review/ignore", address=JAN)
    press(client, "/review/undo")
    assert [each.pattern for each in Ignored.objects.all()] == ["noordzee.example"]


def test_a_domain_is_ignored_by_an_admin_only(desk: Desk) -> None:
    send(desk, JAN, "piet@veldkamp.example", owner="ben")
    desk.round()
    assert browser(desk, "ben").post("/review/ignore", {"address": JAN, "what": "domain"}).status_code == 403
    assert not Ignored.objects.exists()
    press(browser(desk, "anna"), "/review/ignore", address=JAN, what="domain")
    desk.round()
    assert [each.pattern for each in Ignored.objects.all()] == ["veldkamp.example"]
    assert held() == []


def test_one_email_of_an_address_is_left_out_and_the_other_still_waits(desk: Desk) -> None:
    send(desk, JAN)
    other = send(desk, JAN, number=2)
    desk.round()
    client = browser(desk)
    item = Held.objects.get(activity__email=other)
    assert "Left out 1." in press(client, "/review/leave-out", address=JAN, item=item.pk)
    desk.round()
    assert not Held.objects.filter(activity__email=other).exists()
    assert Activity.objects.get(email=other).verdict == "left_out"
    assert [str(said) for said in told_of_emails([other])[other.pk].why] == [f"{JAN}: Anna left it out."]
    press(client, "/review/undo")
    desk.round()
    assert Held.objects.filter(activity__email=other).exists()


# --- why --------------------------------------------------------------------------------------------------------------


def test_every_email_says_where_it_is_logged_by_which_rule_and_at_which_cost(desk: Desk) -> None:
    there = lead(desk, "de Vries", JAN)
    email = send(desk, JAN, "new@veldkamp.example")
    desk.round()
    told = told_of_emails([email])[email.pk]
    assert told.verdict == "logged"
    assert [place.record for place in told.places] == [there]
    place = told.places[0]
    assert place.url == f"{desk.running.url}/{there}"
    assert place.task_url == f"{desk.running.url}/{desk.tasks()[0]['Id']}"
    assert [str(said) for said in told.why] == [
        f"{JAN}: logged on de Vries, the one record with this address.",
        "new@veldkamp.example: nobody in Salesforce has this address, so it is held for review.",
    ]
    assert told.held == ["new@veldkamp.example"]
    assert told.calls > 0


def test_a_rule_that_has_no_sentence_yet_is_told_in_its_own_words() -> None:
    assert str(sentence({"address": JAN, "said": "log", "rule": "full moon"})) == f"{JAN}: full moon"
