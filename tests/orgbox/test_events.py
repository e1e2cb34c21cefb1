"""Meetings in a user's calendar: their times, their people, and what they share with tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.orgbox.box import Api, refusal

from orgbox.clock import VirtualClock
from orgbox.org import Org

TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
MEETING = {"Subject": "Demo", "StartDateTime": TEN, "DurationInMinutes": 45}


def times(org: Org, event: str) -> tuple[Any, ...]:
    row = org.get("Event", event)
    return row["StartDateTime"], row["EndDateTime"], row["DurationInMinutes"], row["ActivityDate"]


@pytest.mark.parametrize(
    "given",
    [
        {"StartDateTime": TEN, "EndDateTime": TEN + timedelta(minutes=45)},
        {"StartDateTime": TEN, "DurationInMinutes": 45},
        {"ActivityDateTime": TEN, "DurationInMinutes": 45},
    ],
)
def test_the_times_of_an_event_follow_from_each_other(org: Org, given: dict[str, Any]) -> None:
    event = org.insert("Event", {"Subject": "Demo", **given})
    assert times(org, event) == (TEN, TEN + timedelta(minutes=45), 45, date(2026, 3, 3))
    row = org.get("Event", event)
    assert (row["ActivityDateTime"], row["EndDate"], row["ShowAs"]) == (TEN, date(2026, 3, 3), "Busy")
    assert (row["EventSubtype"], row["IsAllDayEvent"], row["GroupEventType"]) == ("Event", False, "0")


def test_an_event_that_is_moved_keeps_its_length_and_one_that_is_stretched_its_start(org: Org) -> None:
    event = org.insert("Event", MEETING)
    org.update("Event", event, {"StartDateTime": TEN + timedelta(days=1)})
    assert times(org, event)[1:] == (TEN + timedelta(days=1, minutes=45), 45, date(2026, 3, 4))
    org.update("Event", event, {"DurationInMinutes": 60})
    assert times(org, event)[1] == TEN + timedelta(days=1, hours=1)
    org.update("Event", event, {"EndDateTime": TEN + timedelta(days=1, hours=2)})
    assert times(org, event)[2] == 120


def test_an_all_day_event_has_days_and_the_last_counts(org: Org) -> None:
    event = org.insert("Event", {"IsAllDayEvent": True, "ActivityDate": "2026-03-03"})
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert times(org, event) == (midnight, midnight, 1440, date(2026, 3, 3))
    assert org.get("Event", event)["ActivityDateTime"] is None
    two_days = {"IsAllDayEvent": True, "ActivityDate": "2026-03-03", "DurationInMinutes": 2880}
    assert times(org, org.insert("Event", two_days))[1] == midnight + timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "code", "fields"),
    [
        ({"Subject": "x"}, "REQUIRED_FIELD_MISSING", ("DurationInMinutes", "ActivityDateTime")),
        ({"StartDateTime": TEN}, "REQUIRED_FIELD_MISSING", ("DurationInMinutes", "ActivityDateTime")),
        ({"IsAllDayEvent": True}, "REQUIRED_FIELD_MISSING", ("ActivityDate",)),
        (MEETING | {"DurationInMinutes": -1}, "FIELD_INTEGRITY_EXCEPTION", ("DurationInMinutes",)),
        (MEETING | {"DurationInMinutes": 14 * 1440 + 1}, "FIELD_INTEGRITY_EXCEPTION", ("DurationInMinutes",)),
        (MEETING | {"ShowAs": "Asleep"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ("ShowAs",)),
    ],
)
def test_times_that_cannot_be_are_refused(
    org: Org, given: dict[str, Any], code: str, fields: tuple[str, ...]
) -> None:
    refused = refusal(org.insert, "Event", given)
    assert (refused.code, refused.fields) == (code, fields)


def test_an_event_has_people_an_account_and_the_custom_fields_of_a_task(org: Org) -> None:
    account = org.insert("Account", {"Name": "Acme"})
    contact = org.insert("Contact", {"LastName": "Ann", "AccountId": account})
    event = org.insert("Event", MEETING | {"WhoId": contact, "Tandem_Key__c": "k1"})
    assert org.get("Event", event)["AccountId"] == account
    assert org.upsert("Event", "Tandem_Key__c", "k1", {"Location": "Utrecht"}) == (event, False)
    asked = "SELECT Who.Name, Location, (SELECT Id FROM EventRelations) FROM Event"
    assert refusal(org.query, asked).code == "INVALID_TYPE"
    soql = (
        "SELECT Id, (SELECT Location, Who.Name FROM Events WHERE StartDateTime = NEXT_N_DAYS:2) FROM Contact"
    )
    (row,) = org.query(soql).records
    assert row["Events"]["records"][0]["Location"] == "Utrecht"
    lead = org.insert("Lead", {"LastName": "Lee", "Company": "Acme"})
    refused = refusal(org.insert, "Event", MEETING | {"WhoId": lead, "WhatId": account})
    assert refused.fields == ("WhoId", "WhatId")


def test_events_go_with_their_person_and_come_back_and_move_when_a_lead_is_converted(org: Org) -> None:
    contact = org.insert("Contact", {"LastName": "Ann"})
    event = org.insert("Event", MEETING | {"WhoId": contact})
    org.delete("Contact", contact)
    assert refusal(org.get, "Event", event).code == "ENTITY_IS_DELETED"
    org.undelete("Contact", contact)
    assert org.get("Event", event)["WhoId"] == contact
    lead = org.insert("Lead", {"LastName": "Lee", "Company": "Acme"})
    other = org.insert("Event", MEETING | {"WhoId": lead})
    became = org.convert_lead(lead, opportunity="Acme 2026")
    moved = org.get("Event", other)
    assert (moved["WhoId"], moved["WhatId"]) == (became.contact_id, became.opportunity_id)
    assert moved["StartDateTime"] == TEN


def test_the_archive_takes_an_event_a_year_after_its_end(org: Org, clock: VirtualClock) -> None:
    event = org.insert("Event", MEETING)
    clock.advance(366 * 86_400)
    assert org.run_archive_job() == []
    clock.advance(86_400)
    assert org.run_archive_job() == [event]
    assert org.query("SELECT Id FROM Event").total == 0
    assert org.query("SELECT Id FROM Event", all_rows=True).total == 1
    org.update("Event", event, {"StartDateTime": clock.now()})
    assert org.query("SELECT Id FROM Event").total == 1


def test_events_are_rows_like_others_over_http(api: Api) -> None:
    body = {"Subject": "Demo", "StartDateTime": "2026-03-03T10:00:00Z", "EndDateTime": "2026-03-03T11:00:00Z"}
    made = api.post("/sobjects/Event", json=body)
    assert (made.status_code, made.json()["id"][:3]) == (201, "00U")
    path = f"/sobjects/Event/{made.json()['id']}"
    assert api.patch(path, json={"Location": "Utrecht"}).status_code == 204
    row = api.get(path).json()
    assert (row["Location"], row["DurationInMinutes"]) == ("Utrecht", 60)
    described = api.get("/sobjects/Event/describe").json()
    assert described["urls"]["eventSeriesUpdates"].endswith("/sobjects/Event/{ID}/fromThisEventOnwards")
    assert api.delete(path).status_code == 204
    window = {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T10:00:00Z"}
    api.running.call(lambda: api.org.clock.advance(3_600))  # type: ignore[attr-defined]
    deleted = api.get("/sobjects/Event/deleted", params=window).json()
    assert [each["id"] for each in deleted["deletedRecords"]] == [made.json()["id"]]
