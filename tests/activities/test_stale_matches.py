"""What an org said of somebody is believed for a day; what when the record is gone by then?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tandem.config.activities_port import ActivitiesPort
from tandem.sync.activity_ports import Answered
from tandem.sync.ports import Refused, Why
from tests.activities.office import Office


def test_a_record_that_was_deleted_since_it_was_matched_is_matched_anew(office: Office) -> None:
    first = office.lead("lena@lam.example")
    office.send("lena@lam.example")
    office.round()
    office.desk.running.call(lambda: office.desk.org.delete("Lead", first))
    second = office.contact("lena@lam.example")
    email = office.send("lena@lam.example", subject="Once more")
    office.settle(seconds=2)
    assert office.whom() == [(second, "")], "with a lead Salesforce deletes its Tasks"
    activity = office.activity(email)
    assert [record["id"] for record in activity.why[0]["records"]] == [second]


def test_whoever_is_gone_for_good_is_held_as_anybody_whom_nobody_knows(office: Office) -> None:
    lead = office.lead("lena@lam.example")
    office.send("lena@lam.example")
    office.round()
    office.desk.running.call(lambda: office.desk.org.delete("Lead", lead))
    email = office.send("lena@lam.example", "carl@acme.example")
    carl = office.contact("carl@acme.example")
    office.settle(seconds=2)
    assert office.whom() == [(carl, "")], "others of the same message are logged once"
    assert [held.address for held in office.activity(email).held.all()] == ["lena@lam.example"]


def test_a_deal_that_was_deleted_gives_way_to_the_others(office: Office) -> None:
    office.rules(opportunities=True)
    account = office.account()
    carl = office.contact("carl@acme.example", AccountId=account)
    gone, stays = sorted(office.deal(account, carl, name=f"Deal {n}") for n in range(2))
    office.send("carl@acme.example")
    office.round()
    office.desk.running.call(lambda: office.desk.org.delete("Opportunity", gone))
    email = office.send("carl@acme.example", subject="Once more")
    office.settle(seconds=2)
    whom = {(t["WhoId"], t["WhatId"]) for t in office.tasks() if t["Subject"] == "Once more"}
    assert whom == {(None, stays), (carl, None)} or whom == {(carl, stays)}
    assert office.activity(email).verdict == "logged"


def test_an_answer_to_what_was_logged_on_a_record_that_is_gone_is_matched_by_its_sender(
    office: Office,
) -> None:
    lead = office.lead("lena@lam.example")
    sent = office.send("lena@lam.example")
    office.round()
    office.desk.running.call(lambda: office.desk.org.delete("Lead", lead))
    second = office.contact("lena@lam.example")
    office.answer(sent, "lena@lam.example")
    office.settle(seconds=2)
    assert office.whom() == [(second, "")]


@pytest.mark.parametrize("code", ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"])
def test_one_that_salesforce_calls_gone_and_still_shows_is_a_persons_business_and_no_endless_loop(
    office: Office, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def refuse(_port: ActivitiesPort, collections: Sequence[Sequence[object]]) -> Answered:
        return Answered([Refused(Why.RULE, code, "gone") for rows in collections for _ in rows])

    monkeypatch.setattr(ActivitiesPort, "log", refuse)
    office.lead("lena@lam.example")
    email = office.send("lena@lam.example")
    office.settle(seconds=2)
    (link,) = office.links(email)
    assert (link.parked, link.closed, link.error_code, link.attempts) == (True, None, code, 1)
