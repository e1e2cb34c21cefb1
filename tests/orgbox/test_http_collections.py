"""Up to 200 rows in one call, each with a result of its own."""

from __future__ import annotations

from typing import Any

from tests.orgbox.box import Api


def rows(*values: dict[str, Any], sobject: str = "Task") -> list[dict[str, Any]]:
    return [{"attributes": {"type": sobject}, **each} for each in values]


def codes(results: list[dict[str, Any]]) -> list[str | None]:
    return [None if result["success"] else result["errors"][0]["statusCode"] for result in results]


def count(api: Api) -> int:
    return int(api.query("SELECT COUNT() FROM Task")["totalSize"])


def test_two_hundred_rows_cost_one_call_and_one_bad_row_spoils_no_other(api: Api) -> None:
    records = rows(*({"Subject": f"{n}"} if n != 77 else {"Subject": "x" * 256} for n in range(200)))
    answer = api.post("/composite/sobjects", json={"allOrNone": False, "records": records})
    assert answer.status_code == 200
    assert codes(answer.json()) == [None] * 77 + ["STRING_TOO_LONG"] + [None] * 122
    assert answer.json()[77] == {
        "success": False,
        "errors": [
            {
                "statusCode": "STRING_TOO_LONG",
                "message": f"Subject: data value too large: {'x' * 255} (max length=255)",
                "fields": ["Subject"],
            }
        ],
    }
    assert answer.json()[0].keys() == {"id", "success", "errors"}
    assert api.running.app.state.journal.metered == 1
    assert count(api) == 199


def test_all_or_none_takes_the_good_rows_back(api: Api) -> None:
    records = rows({"Subject": "good"}, {"Nope": 1}, {"Subject": "good"})
    answer = api.post("/composite/sobjects", json={"allOrNone": True, "records": records})
    assert answer.status_code == 200
    rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert codes(answer.json()) == [rolled_back, "INVALID_FIELD", rolled_back]
    assert count(api) == 0


def test_a_duplicate_key_names_the_record_that_has_it(api: Api) -> None:
    first = api.post("/composite/sobjects", json={"records": rows({"Tandem_Key__c": "k1"})}).json()[0]["id"]
    again = api.post("/composite/sobjects", json={"records": rows({"Tandem_Key__c": "k1"}, {})}).json()
    assert codes(again) == ["DUPLICATE_VALUE", None]
    assert again[0]["errors"][0]["message"].endswith(f"record with id: {first[:15]}")


def test_a_row_that_cannot_be_locked_fails_its_whole_batch(api: Api) -> None:
    made = api.post("/composite/sobjects", json={"records": rows({}, {}, {})}).json()
    ids = [result["id"] for result in made]
    slow = api.running.call(api.org.begin)
    api.running.call(lambda: slow.update("Task", ids[1], {"Subject": "slow"}))
    records = rows(*({"id": identifier, "Subject": "mine"} for identifier in ids))
    answer = api.patch("/composite/sobjects", json={"records": records})
    assert codes(answer.json()) == ["UNABLE_TO_LOCK_ROW"] * 3
    api.running.call(slow.rollback)
    assert codes(api.patch("/composite/sobjects", json={"records": records}).json()) == [None] * 3


def test_update_needs_an_id_and_answers_in_order(api: Api) -> None:
    identifier = api.post("/sobjects/Task", json={}).json()["id"]
    unknown, malformed = "00T000000000001EAA", "xyz"
    records = rows(
        {"Id": identifier[:15], "Subject": "a"}, {"Subject": "b"}, {"id": unknown}, {"id": malformed}
    )
    answer = api.patch("/composite/sobjects", json={"records": records}).json()
    assert codes(answer) == [None, "MISSING_ARGUMENT", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"]
    assert answer[0]["id"] == identifier


def test_upsert_says_what_was_created(api: Api) -> None:
    path = "/composite/sobjects/task/tandem_key__c"
    records = rows(
        {"Tandem_Key__c": "a"}, {"tandem_key__c": "b"}, {"Tandem_Key__c": "twice"}, {"Tandem_Key__c": "twice"}
    )
    first = api.patch(path, json={"records": records}).json()
    assert codes(first) == [None, None, "DUPLICATE_VALUE", "DUPLICATE_VALUE"]
    again = api.patch(
        path, json={"records": rows({"Tandem_Key__c": "a"}, {"Tandem_Key__c": "c"}, {"Subject": "x"})}
    )
    assert [result.get("created") for result in again.json()] == [False, True, None]
    assert codes(again.json())[2] == "MISSING_ARGUMENT"
    by_id = api.patch(
        "/composite/sobjects/Task/Id", json={"records": rows({"Id": None, "Subject": "new"})}
    ).json()
    assert by_id[0]["created"]


def test_delete_and_retrieve_take_ids(api: Api) -> None:
    ids = [api.post("/sobjects/Task", json={"Subject": str(n)}).json()["id"] for n in range(3)]
    found = api.get(
        "/composite/sobjects/Task",
        params={"ids": ",".join([*ids, "00T000000000001EAA"]), "fields": "subject"},
    )
    assert [record and record["Subject"] for record in found.json()] == ["0", "1", "2", None]
    posted = api.post("/composite/sobjects/Task", json={"ids": ids[:1], "fields": ["Subject"]}).json()
    assert posted == found.json()[:1]
    gone = api.delete("/composite/sobjects", params={"ids": ",".join([ids[0], ids[0], "junk"])}).json()
    assert codes(gone) == [None, "ENTITY_IS_DELETED", "MALFORMED_ID"]
    kept = api.delete("/composite/sobjects", params={"ids": f"{ids[1]},{ids[0]}", "allOrNone": "true"}).json()
    assert codes(kept) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "ENTITY_IS_DELETED"]
    assert count(api) == 2


def test_a_call_that_makes_no_sense_is_refused_as_a_whole(api: Api) -> None:
    mixed = [row for n in range(11) for row in rows({}, sobject=("Task", "Account")[n % 2])]
    for body, code in (
        ({"records": rows(*[{}] * 201)}, "EXCEEDED_ID_LIMIT"),
        ({"records": mixed}, "INVALID_INPUT"),
        ({"records": [{"Subject": "no type"}]}, "INVALID_INPUT"),
        ({"records": rows({}, sobject="Nope")}, "INVALID_TYPE"),
        ({"records": {}}, "JSON_PARSER_ERROR"),
        ({"records": rows({}), "allOrNone": "yes"}, "JSON_PARSER_ERROR"),
        ({"records": rows({}), "more": 1}, "JSON_PARSER_ERROR"),
    ):
        answer = api.post("/composite/sobjects", json=body)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert count(api) == 0
