"""What is asked of Salesforce and what is made of its answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.salesforce.scripted import ScriptedOrg, answer, page, parts, refusal, task, task_id

from tandem.salesforce import BadInput, LimitInfo, LimitReached, NotDone, OutcomeUnknown, Refused, Unreachable

SINCE = datetime(2026, 11, 22, 14, 0, 0, tzinfo=UTC)
READ_AT = datetime(2026, 11, 23, 14, 0, 5, tzinfo=UTC)
OWNER = "005Ab0000000001IAA"


def soql_of(request: httpx2.Request) -> str:
    return parse_qs(request.url.query.decode())["q"][0]


def test_the_time_of_a_reading_is_the_servers_and_the_allowance_comes_with_it(org: ScriptedOrg) -> None:
    found = org.answers(answer(200, page(task()))).query("SELECT Id FROM Task")

    assert found.read_at == READ_AT
    assert org.client.limit == LimitInfo(10_018, 100_000, READ_AT)
    assert org.client.calls == 1


def test_an_older_answer_that_arrives_late_does_not_put_the_allowance_back(org: ScriptedOrg) -> None:
    late = answer(200, page(), Date="Mon, 23 Nov 2026 14:00:04 GMT", Sforce_Limit_Info="api-usage=1/100000")

    org.answers(answer(200, page()), late)
    org.client.query("SELECT Id FROM Task")
    org.client.query("SELECT Id FROM Task")

    assert org.client.limit == LimitInfo(10_018, 100_000, READ_AT)


def test_the_servers_clock_costs_no_call_and_no_sign_in(org: ScriptedOrg) -> None:
    assert org.answers(answer(200, [{"version": "60.0"}])).server_time() == READ_AT

    assert org.client.calls == 0
    assert "Authorization" not in org.requests[0].headers


def test_changes_are_read_from_a_moment_on_with_deleted_and_archived_ones(org: ScriptedOrg) -> None:
    found = org.answers(answer(200, page(task(1), task(2)))).tasks_changed_since(
        [OWNER], SINCE, None, "Sync_Key__c"
    )

    assert org.requests[0].url.path == "/services/data/v60.0/queryAll"
    soql = soql_of(org.requests[0])
    assert "WHERE SystemModstamp >= 2026-11-22T14:00:00Z AND OwnerId IN ('005Ab0000000001IAA')" in soql
    assert soql.endswith("ORDER BY SystemModstamp, Id LIMIT 2000")
    assert ", Who.Name, What.Name, " in soql
    assert ", Sync_Key__c FROM Task" in soql
    assert [row.key for row in found.rows] == ["key-1", "key-2"]
    assert found.complete
    assert found.read_at == READ_AT


def test_a_next_page_begins_after_the_last_row_even_within_one_second(org: ScriptedOrg) -> None:
    org.answers(answer(200, page(task(1), task(2))), answer(200, page()))

    first = org.client.tasks_changed_since([OWNER], SINCE, limit=2)
    org.client.tasks_changed_since([OWNER], SINCE, first.after, limit=2)

    stamp = "2026-11-23T13:59:58Z"
    assert not first.complete
    assert (
        f"WHERE ((SystemModstamp = {stamp} AND Id > '{task_id(2)}') OR SystemModstamp > {stamp}) AND OwnerId IN"
        in soql_of(org.requests[1])
    )


def test_a_page_that_salesforce_cut_short_is_not_complete(org: ScriptedOrg) -> None:
    cut = page(task(1), done=False, nextRecordsUrl="/services/data/v60.0/query/01g-1")

    found = org.answers(answer(200, cut)).tasks_changed_since([OWNER], SINCE)

    assert not found.complete
    assert found.after == (datetime(2026, 11, 23, 13, 59, 58, tzinfo=UTC), task_id(1))


def test_a_query_too_long_for_an_address_travels_in_the_body_of_one_call(org: ScriptedOrg) -> None:
    owners = [f"005{number:012d}" for number in range(500)]

    found = org.answers(parts(query_0=(200, page(task())))).tasks_changed_since(owners, SINCE)

    assert len(found.rows) == 1
    assert org.client.calls == 1
    assert org.requests[0].url.path == "/services/data/v60.0/composite"
    (sub,) = org.subrequests()
    assert sub["url"].startswith("/services/data/v60.0/queryAll?q=SELECT%20")
    assert "005000000000499" in sub["url"]


def test_two_thousand_ids_are_read_in_one_call_of_five_queries(org: ScriptedOrg) -> None:
    org.answers(parts(**{f"query_{number}": (200, page(task(number))) for number in range(5)}))

    found = org.client.tasks_by_id([task_id(number) for number in range(2_000)])

    assert [row.id for row in found.rows] == [task_id(number) for number in range(5)]
    assert org.client.calls == 1
    subrequests = org.subrequests()
    assert len(subrequests) == 5
    assert all(len(sub["url"]) < 12_000 for sub in subrequests)
    asked = "".join(sub["url"] for sub in subrequests)
    assert all(task_id(number) in asked for number in range(2_000))
    assert org.sent()["collateSubrequests"] is False


def test_eight_hundred_keys_are_looked_up_in_one_call(org: ScriptedOrg) -> None:
    org.answers(parts(**{f"query_{number}": (200, page()) for number in range(5)}))

    org.client.tasks_by_key([f"{number:032x}" for number in range(800)], "Sync_Key__c")

    assert org.client.calls == 1
    assert all(len(sub["url"]) < 12_000 for sub in org.subrequests())


def test_a_few_ids_are_read_by_a_plain_query(org: ScriptedOrg) -> None:
    org.answers(answer(200, page(task(1)))).tasks_by_id([task_id(1)])

    assert org.requests[0].method == "GET"
    assert f"WHERE Id IN ('{task_id(1)}')" in soql_of(org.requests[0])


def test_a_page_of_long_texts_that_salesforce_cut_short_is_read_to_its_end(org: ScriptedOrg) -> None:
    cut = page(task(1), done=False, nextRecordsUrl="/services/data/v60.0/query/01g-1")

    found = org.answers(answer(200, cut), answer(200, page(task(2)))).tasks_by_id([task_id(1), task_id(2)])

    assert [row.id for row in found.rows] == [task_id(1), task_id(2)]
    assert org.requests[1].url.path == "/services/data/v60.0/query/01g-1"


def test_one_query_refused_among_five_fails_the_reading(org: ScriptedOrg) -> None:
    bad = [{"message": "No such column 'Nope' on entity 'Task'", "errorCode": "INVALID_FIELD"}]
    org.answers(parts(query_0=(200, page(task(1))), query_1=(400, bad)))

    with pytest.raises(Refused, match="No such column"):
        org.client.tasks_by_id([task_id(number) for number in range(500)])


def test_one_query_without_an_answer_is_not_taken_for_an_empty_one(org: ScriptedOrg) -> None:
    org.answers(parts(query_0=(200, page(task(1)))))

    with pytest.raises(OutcomeUnknown):
        org.client.tasks_by_id([task_id(number) for number in range(500)])


@pytest.mark.parametrize(
    "url", ["https://evil.example/services/data/", "@evil.example/", "//evil.example", ""]
)
def test_our_token_follows_no_next_page_out_of_the_org(org: ScriptedOrg, url: str) -> None:
    org.answers(answer(200, page(task(1), done=False, nextRecordsUrl=url)))

    with pytest.raises(BadInput):
        org.client.tasks_by_id([task_id(1)])

    assert len(org.requests) == 1


def test_a_count_is_one_number(org: ScriptedOrg) -> None:
    counted = {"totalSize": 36, "done": True, "records": []}
    assert org.answers(answer(200, counted)).count("SELECT COUNT() FROM Task") == 36


def test_the_changes_can_be_counted_before_they_are_read(org: ScriptedOrg) -> None:
    counted = {"totalSize": 36, "done": True, "records": []}

    assert org.answers(answer(200, counted)).count_tasks_changed([OWNER], SINCE) == 36

    assert org.requests[0].url.path == "/services/data/v60.0/queryAll"
    assert soql_of(org.requests[0]) == (
        "SELECT COUNT() FROM Task WHERE SystemModstamp >= 2026-11-22T14:00:00Z"
        " AND OwnerId IN ('005Ab0000000001IAA')"
    )


def test_describe_tells_whether_the_key_field_is_unique(org: ScriptedOrg) -> None:
    plain = {
        "length": 255,
        "createable": True,
        "updateable": True,
        "filterable": True,
        "custom": False,
        "unique": False,
        "externalId": False,
    }
    key = {
        **plain,
        "name": "Sync_Key__c",
        "type": "string",
        "custom": True,
        "unique": True,
        "externalId": True,
    }
    values = [{"value": "Not Started", "active": True}, {"value": "Old", "active": False}]
    status = {**plain, "name": "Status", "type": "picklist", "picklistValues": values}

    may = {"createable": True, "updateable": True, "deletable": False}
    described = org.answers(answer(200, {"name": "Task", **may, "fields": [key, status]})).describe("Task")

    assert described.fields["Sync_Key__c"].unique
    assert described.fields["Sync_Key__c"].external_id
    assert described.fields["Status"].picklist == ("Not Started",)


def test_limits_are_told_by_name(org: ScriptedOrg) -> None:
    told = {
        "DailyApiRequests": {"Max": 15000, "Remaining": 14998, "Some App": {"Max": 1, "Remaining": 1}},
        "X": {},
    }

    assert org.answers(answer(200, told)).limits().by_name == {"DailyApiRequests": (15_000, 14_998)}


def test_the_log_of_deletions_tells_what_when_and_how_far_it_reaches(org: ScriptedOrg) -> None:
    told = {
        "deletedRecords": [{"id": "00T000000000001", "deletedDate": "2026-11-23T10:00:00.000+0000"}],
        "earliestDateAvailable": "2026-11-08T00:00:00.000+0000",
        "latestDateCovered": "2026-11-23T13:59:00.000+0000",
    }

    log = org.answers(answer(200, told)).tasks_deleted(SINCE, SINCE + timedelta(hours=20))

    parts_of_url = urlsplit(str(org.requests[0].url))
    assert parts_of_url.path == "/services/data/v60.0/sobjects/Task/deleted/"
    assert parse_qs(parts_of_url.query) == {
        "start": ["2026-11-22T14:00:00Z"],
        "end": ["2026-11-23T10:00:00Z"],
    }
    assert log.deleted == ((task_id(1), datetime(2026, 11, 23, 10, tzinfo=UTC)),)
    assert log.earliest_available == datetime(2026, 11, 8, tzinfo=UTC)
    assert log.covered_to == datetime(2026, 11, 23, 13, 59, tzinfo=UTC)


def test_the_log_of_changes_tells_ids_and_how_far_it_reaches(org: ScriptedOrg) -> None:
    told = {"ids": ["00T000000000001"], "latestDateCovered": "2026-11-23T13:59:00.000+0000"}

    log = org.answers(answer(200, told)).tasks_updated(SINCE, SINCE + timedelta(hours=1))

    assert log.ids == (task_id(1),)
    assert log.covered_to == datetime(2026, 11, 23, 13, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "lost",
    [
        answer(500, [{"message": "oops", "errorCode": "UNKNOWN_EXCEPTION"}]),
        answer(503),
        httpx2.Response(502, text="<html>edge</html>"),
        httpx2.Response(420),
        answer(200, ["not", "a", "page"]),
        answer(200, page({"attributes": {}})),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json=page()),  # without a Date nobody knows when it was read
        httpx2.ReadTimeout("slow"),
        httpx2.RemoteProtocolError("cut"),
    ],
)
def test_a_reading_without_a_clear_answer_changed_nothing(
    org: ScriptedOrg, lost: httpx2.Response | Exception
) -> None:
    with pytest.raises(OutcomeUnknown) as unclear:
        org.answers(lost).tasks_changed_since([OWNER], SINCE)

    assert not unclear.value.was_write
    assert "Nothing was changed" in unclear.value.sentence()
    assert len(org.requests) == 1


@pytest.mark.parametrize(
    "never_sent", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("slow"), httpx2.PoolTimeout("full")]
)
def test_a_connection_that_never_opened_is_certain(org: ScriptedOrg, never_sent: Exception) -> None:
    with pytest.raises(Unreachable) as refused:
        org.answers(never_sent).insert_tasks([{"Subject": "x", "Sync_Key__c": "k"}], "Sync_Key__c")

    assert isinstance(refused.value, NotDone)


def test_an_empty_allowance_is_told_apart(org: ScriptedOrg) -> None:
    empty = refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    with pytest.raises(LimitReached):
        org.answers(empty).tasks_changed_since([OWNER], SINCE)


def test_a_reading_of_nothing_is_a_mistake_found_before_sending(org: ScriptedOrg) -> None:
    with pytest.raises(BadInput):
        org.client.tasks_by_id([])
    with pytest.raises(BadInput):
        org.client.tasks_changed_since([], SINCE)
    with pytest.raises(BadInput, match="2,001 ids"):
        org.client.tasks_by_id([task_id(1)] * 2_001)
    assert org.requests == []


@pytest.mark.parametrize("name", ["Sync_Key__c FROM User", "x'", "", "Sync-Key"])
def test_a_field_name_that_is_none_never_reaches_a_query(org: ScriptedOrg, name: str) -> None:
    with pytest.raises(ValueError, match="not an API name"):
        org.client.tasks_by_key(["k"], name)
    assert org.requests == []
