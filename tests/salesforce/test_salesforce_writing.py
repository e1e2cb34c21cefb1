"""Shared writes: one call, one outcome for each row, and the rows as they lie afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest
from tests.salesforce.scripted import ScriptedOrg, answer, page, parts, refusal, task, task_id

from tandem.salesforce import (
    BadInput,
    Busy,
    Changed,
    Done,
    Doubt,
    Duplicate,
    Failed,
    Gone,
    LimitReached,
    OutcomeUnknown,
    Patch,
    Refused,
    RowResult,
    Unreachable,
    Written,
)

KEY = "Sync_Key__c"
SEEN = datetime(2026, 11, 23, 13, 59, 58, tzinfo=UTC)
READ_AT = datetime(2026, 11, 23, 14, 0, 5, tzinfo=UTC)


def new_tasks(count: int) -> list[dict[str, Any]]:
    return [{"Subject": f"Call {number}", KEY: f"key-{number}"} for number in range(count)]


def done(number: int) -> dict[str, Any]:
    return {"id": task_id(number), "success": True, "errors": []}


def failed(code: str, message: str = "no", *fields: str) -> dict[str, Any]:
    error = {"statusCode": code, "message": message, "fields": list(fields)}
    return {"success": False, "errors": [error]}


def refused_with(code: str, message: str = "no") -> list[dict[str, Any]]:
    return [{"errorCode": code, "message": message}]


def kinds(results: tuple[RowResult, ...]) -> list[type]:
    """The row's outcome, or what it failed of."""
    return [type(result) if isinstance(result, Done) else type(result.error) for result in results]


# --- new Tasks -------------------------------------------------------------------------------------------


def test_eight_hundred_new_tasks_cost_one_call_and_are_read_back(org: ScriptedOrg) -> None:
    collections = {
        f"insert_{batch}": (200, [done(number) for number in range(batch * 200, batch * 200 + 200)])
        for batch in range(4)
    }
    org.answers(parts(**collections, read_back=(200, page(*map(task, range(800))))))

    written = org.client.insert_tasks(new_tasks(800), KEY)

    assert org.client.calls == 1
    assert written.results == tuple(Done(task_id(number)) for number in range(800))
    assert written.read_back is not None
    assert [row.key for row in written.read_back.rows] == [f"key-{number}" for number in range(800)]
    assert written.read_back.read_at == READ_AT
    assert [(sub["method"], sub["referenceId"]) for sub in org.subrequests()] == [
        *(("POST", f"insert_{batch}") for batch in range(4)),
        ("GET", "read_back"),
    ]
    assert org.sent()["collateSubrequests"] is False
    assert all(sub["body"]["allOrNone"] is False for sub in org.subrequests()[:4])
    assert org.subrequests()[0]["body"]["records"][0] == {
        "attributes": {"type": "Task"},
        "Subject": "Call 0",
        KEY: "key-0",
    }


def test_one_bad_row_among_two_hundred_fails_alone(org: ScriptedOrg) -> None:
    rows = [done(number) for number in range(200)]
    rows[77] = failed("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No calls on Fridays", "ActivityDate")
    org.answers(parts(insert_0=(200, rows), read_back=(200, page())))

    written = org.client.insert_tasks(new_tasks(200), KEY)

    assert [place for place, result in enumerate(written.results) if isinstance(result, Failed)] == [77]
    (error,) = [result.error for result in written.results if isinstance(result, Failed)]
    assert "No calls on Fridays" in error.sentence()
    assert error.fields == ("ActivityDate",)


def test_a_key_that_exists_names_the_record_to_adopt(org: ScriptedOrg) -> None:
    twin = "duplicate value found: Sync_Key__c duplicates value on record with id: 00T000000000009"
    org.answers(parts(insert_0=(200, [failed("DUPLICATE_VALUE", twin, KEY)]), read_back=(200, page(task(9)))))

    written = org.client.insert_tasks(new_tasks(1), KEY)

    (result,) = written.results
    assert isinstance(result, Failed)
    assert isinstance(result.error, Duplicate)
    assert result.error.existing_id == task_id(9)
    assert written.read_back is not None
    assert written.read_back.rows[0].id == task_id(9)


def test_a_new_task_for_a_deleted_person_is_refused_and_not_gone(org: ScriptedOrg) -> None:
    org.answers(parts(insert_0=(200, [failed("ENTITY_IS_DELETED")]), read_back=(200, page())))

    assert kinds(org.client.insert_tasks(new_tasks(1), KEY).results) == [Refused]


def test_a_lock_on_a_whole_collection_leaves_its_neighbours_done(org: ScriptedOrg) -> None:
    org.answers(
        parts(
            insert_0=(400, refused_with("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")),
            insert_1=(200, [done(200)]),
            read_back=(200, page(task(200))),
        )
    )

    written = org.client.insert_tasks(new_tasks(201), KEY)

    assert kinds(written.results) == [Busy] * 200 + [Done]


@pytest.mark.parametrize(
    "unclear",
    [
        {},
        {"insert_0": (500, refused_with("UNKNOWN_EXCEPTION"))},
        {"insert_0": (503, None)},
        {"insert_0": (200, None)},
        {"insert_0": (200, [done(1)])},
        {"insert_0": (200, ["what?", {"success": True}])},
        {"insert_0": (200, [{"success": False, "errors": []}, {"success": False}])},
        {"insert_0": (200, [failed("UNKNOWN_EXCEPTION")] * 2)},
    ],
)
def test_rows_whose_part_is_missing_broken_or_unreadable_are_in_doubt(
    org: ScriptedOrg, unclear: dict[str, tuple[int, Any]]
) -> None:
    org.answers(parts(**unclear, read_back=(200, page())))

    written = org.client.insert_tasks(new_tasks(2), KEY)

    assert [type(result) for result in written.results] == [Doubt, Doubt]
    assert kinds(written.results) == [OutcomeUnknown] * 2


def test_a_part_that_was_halted_and_one_whose_session_ended_are_certainly_not_done(org: ScriptedOrg) -> None:
    org.answers(
        parts(
            insert_0=(400, refused_with("PROCESSING_HALTED")),
            insert_1=(401, refused_with("INVALID_SESSION_ID")),
            read_back=(401, refused_with("INVALID_SESSION_ID")),
        )
    )

    written = org.client.insert_tasks(new_tasks(400), KEY)

    assert kinds(written.results) == [Busy] * 400
    assert isinstance(written.read_error, Busy)


@pytest.mark.parametrize(
    "read_back", [{}, {"read_back": (500, None)}, {"read_back": (200, {"records": [{}]})}]
)
def test_what_was_written_is_told_even_when_it_cannot_be_read_back(
    org: ScriptedOrg, read_back: dict[str, tuple[int, Any]]
) -> None:
    org.answers(parts(insert_0=(200, [done(1)]), **read_back))

    written = org.client.insert_tasks(new_tasks(1), KEY)

    assert written.results == (Done(task_id(1)),)
    assert written.read_back is None
    assert isinstance(written.read_error, OutcomeUnknown)
    assert not written.read_error.was_write


def test_a_read_back_that_was_cut_short_is_read_to_its_end(org: ScriptedOrg) -> None:
    cut = page(task(0), done=False, nextRecordsUrl="/services/data/v60.0/query/01g-1")
    org.answers(parts(insert_0=(200, [done(0), done(1)]), read_back=(200, cut)), answer(200, page(task(1))))

    written = org.client.insert_tasks(new_tasks(2), KEY)

    assert written.read_back is not None
    assert [row.id for row in written.read_back.rows] == [task_id(0), task_id(1)]


@pytest.mark.parametrize(
    "lost",
    [
        answer(500, refused_with("UNKNOWN_EXCEPTION")),
        httpx2.Response(502, text="<html>edge</html>"),
        answer(503),
        httpx2.Response(420),
        httpx2.Response(200, text="<html>"),
        httpx2.ReadTimeout("slow"),
        httpx2.WriteTimeout("slow"),
        httpx2.ReadError("reset"),
        httpx2.RemoteProtocolError("cut"),
        httpx2.DecodingError("not gzip"),
    ],
)
def test_a_lost_call_leaves_every_row_in_doubt_and_is_never_repeated(
    org: ScriptedOrg, lost: httpx2.Response | Exception
) -> None:
    with pytest.raises(OutcomeUnknown) as unclear:
        org.answers(lost).insert_tasks(new_tasks(3), KEY)

    assert len(org.requests) == 1
    assert unclear.value.was_write
    assert "may or may not" in unclear.value.sentence()


@pytest.mark.parametrize(
    ("certain", "kind"),
    [
        (refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), LimitReached),
        (refusal(400, "UNABLE_TO_LOCK_ROW"), Busy),
        (refusal(503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"), Busy),
        (refusal(403, "API_DISABLED_FOR_ORG"), Refused),
        (refusal(410, "UNSUPPORTED_API_VERSION"), Refused),
        (httpx2.Response(414, text="<html>too long</html>"), Refused),
        (httpx2.ConnectError("refused"), Unreachable),
    ],
)
def test_a_call_that_was_certainly_not_done_says_so(
    org: ScriptedOrg, certain: httpx2.Response | Exception, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as refused:
        org.answers(certain).insert_tasks(new_tasks(3), KEY)

    assert type(refused.value) is kind
    assert len(org.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_write_follows_nobody_who_sends_it_elsewhere(org: ScriptedOrg, status: int) -> None:
    with pytest.raises(Refused):
        org.answers(answer(status, Location="https://evil.example/")).insert_tasks(new_tasks(1), KEY)

    assert len(org.requests) == 1


# --- before anything is sent -----------------------------------------------------------------------------

BAD = [
    ({"Subject": "a" * 256}, "Shorten the subject by 1 character."),
    ({"Description": "a" * 32_001}, "Shorten the details by 1 character."),
    ({"IsRecurrence": True, "ActivityDate": "2026-11-24"}, "Change the due date of one of its tasks"),
    ({"WhoId": "00Q000000000001EAA", "WhatId": "006000000000001AAA"}, "Leave one of the two out"),
    ({KEY: ""}, "Correct it"),
]


@pytest.mark.parametrize(("fields", "advice"), BAD)
def test_a_row_that_salesforce_would_refuse_is_not_sent_and_holds_up_nobody(
    org: ScriptedOrg, fields: dict[str, Any], advice: str
) -> None:
    org.answers(parts(insert_0=(200, [done(0), done(2)]), read_back=(200, page())))
    rows = new_tasks(3)
    rows[1].update(fields)

    written = org.client.insert_tasks(rows, KEY)

    assert kinds(written.results) == [Done, BadInput, Done]
    assert isinstance(written.results[1], Failed)
    assert advice in written.results[1].error.sentence()
    assert "Nothing was sent" in written.results[1].error.sentence()
    assert [row["Subject"] for row in org.subrequests()[0]["body"]["records"]] == ["Call 0", "Call 2"]


def test_the_longest_texts_and_dates_that_salesforce_takes_are_sent(org: ScriptedOrg) -> None:
    org.answers(parts(insert_0=(200, [done(0)]), read_back=(200, page())))
    fits = {"Subject": "é" * 255, "Description": "é" * 32_000, "ActivityDate": date(2026, 11, 24), KEY: "k"}

    assert kinds(org.client.insert_tasks([fits], KEY).results) == [Done]
    assert org.subrequests()[0]["body"]["records"][0]["ActivityDate"] == "2026-11-24"


def test_when_every_row_is_bad_nothing_is_sent(org: ScriptedOrg) -> None:
    written = org.client.insert_tasks([{"Subject": "a" * 256, KEY: "k"}], KEY)

    assert kinds(written.results) == [BadInput]
    assert (written.read_back, written.read_error) == (None, None)
    assert org.client.calls == 0


def test_more_rows_than_a_call_takes_are_a_mistake_found_before_sending(org: ScriptedOrg) -> None:
    with pytest.raises(BadInput, match="801 new tasks"):
        org.client.insert_tasks(new_tasks(801), KEY)
    with pytest.raises(BadInput, match="25 changes"):
        org.client.patch_tasks([Patch(task_id(1), {}, SEEN)] * 25)
    with pytest.raises(BadInput, match="201 deletions"):
        org.client.delete_tasks([task_id(1)] * 201)
    assert org.requests == []


def test_a_call_larger_than_salesforce_takes_is_not_sent(org: ScriptedOrg) -> None:
    rows = [{**row, "Description": "€" * 32_000} for row in new_tasks(600)]

    with pytest.raises(BadInput, match="52,428,800"):
        org.client.insert_tasks(rows, KEY)
    assert org.requests == []


# --- changes ---------------------------------------------------------------------------------------------


def test_twenty_four_changes_each_with_its_own_condition_cost_one_call(org: ScriptedOrg) -> None:
    patched = {f"patch_{number}": (204, None) for number in range(24)}
    org.answers(parts(**patched, read_back=(200, page(*map(task, range(24))))))
    changes = [Patch(task_id(number), {"Subject": f"New {number}"}, SEEN) for number in range(24)]

    written = org.client.patch_tasks(changes, KEY)

    assert org.client.calls == 1
    assert written.results == tuple(Done(task_id(number)) for number in range(24))
    assert written.read_back is not None
    assert len(written.read_back.rows) == 24
    subrequests = org.subrequests()
    assert len(subrequests) == 25
    assert subrequests[3] == {
        "method": "PATCH",
        "url": f"/services/data/v60.0/sobjects/Task/{task_id(3)}",
        "referenceId": "patch_3",
        "body": {"Subject": "New 3"},
        "httpHeaders": {"If-Unmodified-Since": "Mon, 23 Nov 2026 13:59:58 GMT"},
    }
    assert subrequests[24]["referenceId"] == "read_back"
    assert org.sent()["collateSubrequests"] is False


def test_each_change_has_its_own_outcome(org: ScriptedOrg) -> None:
    org.answers(
        parts(
            patch_0=(204, None),
            patch_1=(412, refused_with("MATCH_PRECONDITION_FAILED")),
            patch_2=(412, None),
            patch_3=(404, refused_with("ENTITY_IS_DELETED", "entity is deleted")),
            patch_4=(400, refused_with("STRING_TOO_LONG")),
            patch_5=(400, refused_with("UNABLE_TO_LOCK_ROW")),
            patch_6=(500, refused_with("UNKNOWN_EXCEPTION")),
            # patch_7 is left without an answer
            read_back=(200, page(task(0))),
        )
    )

    written = org.client.patch_tasks(
        [Patch(task_id(number), {"Priority": "High"}, SEEN) for number in range(8)]
    )

    assert kinds(written.results) == [
        Done,
        Changed,
        Changed,
        Gone,
        Refused,
        Busy,
        OutcomeUnknown,
        OutcomeUnknown,
    ]


def test_a_due_date_for_a_series_is_not_sent(org: ScriptedOrg) -> None:
    org.answers(parts(patch_0=(204, None), read_back=(200, page())))
    due = {"ActivityDate": date(2026, 11, 24)}

    written = org.client.patch_tasks(
        [Patch(task_id(1), due, SEEN, series=True), Patch(task_id(2), due, SEEN, series=False)]
    )

    assert kinds(written.results) == [BadInput, Done]
    assert written.results[1] == Done(task_id(2))
    assert "recurring series" in str(written.results[0])


# --- deletions -------------------------------------------------------------------------------------------


def test_two_hundred_deletions_cost_one_call_and_are_read_in_the_bin(org: ScriptedOrg) -> None:
    binned = [task(number, IsDeleted=True) for number in range(200)]
    org.answers(parts(delete=(200, [done(number) for number in range(200)]), read_back=(200, page(*binned))))

    written = org.client.delete_tasks([task_id(number) for number in range(200)])

    assert org.client.calls == 1
    assert kinds(written.results) == [Done] * 200
    assert written.read_back is not None
    assert all(row.is_deleted for row in written.read_back.rows)
    delete, read_back = org.subrequests()
    assert delete["method"] == "DELETE"
    assert "body" not in delete
    assert delete["url"].endswith("&allOrNone=false")
    assert read_back["url"].startswith("/services/data/v60.0/queryAll?")


def test_a_record_deleted_before_is_gone(org: ScriptedOrg) -> None:
    answered = [done(1), failed("ENTITY_IS_DELETED", "entity is deleted")]
    org.answers(parts(delete=(200, answered), read_back=(200, page(task(1)))))

    assert kinds(org.client.delete_tasks([task_id(1), task_id(2)]).results) == [Done, Gone]


def test_a_deletion_of_nothing_costs_nothing(org: ScriptedOrg) -> None:
    assert org.client.delete_tasks([]) == Written((), None)
    assert org.client.calls == 0
