"""Queries over HTTP: both resources, their pages and their refusals."""

from __future__ import annotations

from tests.orgbox.box import Api


def fill(api: Api, count: int) -> None:
    def insert() -> None:
        with api.org.transaction() as tx:
            for number in range(count):
                tx.insert("Task", {"Subject": f"{number:05}"})

    api.running.call(insert)


def test_query_hides_what_query_all_shows(api: Api) -> None:
    fill(api, 2)
    one = api.query("SELECT Id FROM Task LIMIT 1")["records"][0]["Id"]
    api.delete(f"/sobjects/Task/{one}")
    assert api.query("SELECT COUNT() FROM Task") == {"totalSize": 1, "done": True, "records": []}
    both = api.get("/queryAll/", params={"q": "SELECT Id, IsDeleted FROM Task"}).json()
    assert sorted(record["IsDeleted"] for record in both["records"]) == [False, True]


def test_a_long_result_is_paged_and_stays_as_it_was(api: Api) -> None:
    fill(api, 4_500)
    page = api.query("SELECT Id, Subject FROM Task ORDER BY Subject")
    seen = [record["Subject"] for record in page["records"]]
    assert (len(seen), page["done"], page["totalSize"]) == (2000, False, 4500)
    api.post("/sobjects/Task", json={"Subject": "00000 written meanwhile"})
    while not page["done"]:
        # Some readers repeat ?q= beside the locator; Salesforce does not mind.
        page = api.http.get(page["nextRecordsUrl"], params={"q": "SELECT Id FROM Task"}).json()
        seen += [record["Subject"] for record in page["records"]]
    assert seen == [f"{number:05}" for number in range(4_500)]
    assert "nextRecordsUrl" not in page


def test_the_batch_size_is_a_wish_between_200_and_2000(api: Api) -> None:
    fill(api, 450)
    for wish, given in (("batchSize=1", 200), ("batchsize = 300", 300), ("batchSize=9999", 450)):
        answer = api.get(
            "/query", params={"q": "SELECT Id FROM Task"}, headers={"Sforce-Query-Options": wish}
        ).json()
        assert len(answer["records"]) == given


def test_a_locator_lives_two_days_and_belongs_to_who_asked(api: Api) -> None:
    fill(api, 2_001)
    more = api.query("SELECT Id FROM Task")["nextRecordsUrl"]

    def other_session() -> str:
        user = api.org.insert("User", {"LastName": "B", "Username": "b@x.example", "Email": "b@x.example"})
        return api.running.app.state.oauth.open_session(user)

    stranger = {"Authorization": f"Bearer {api.running.call(other_session)}"}
    assert api.http.get(more, headers=stranger).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert len(api.http.get(more).json()["records"]) == 1
    token = api.running.call(lambda: _two_days_later(api))
    late = api.http.get(more, headers={"Authorization": f"Bearer {token}"})
    assert (late.status_code, late.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def _two_days_later(api: Api) -> str:
    api.org.clock.advance(2 * 86_400 + 1)  # type: ignore[attr-defined]
    return api.running.app.state.oauth.open_session(api.org.admin_id)


def test_a_query_that_cannot_be_read_is_malformed(api: Api) -> None:
    for params in ({}, {"q": ""}, {"q": "SELECT FROM Task"}):
        answer = api.get("/query", params=params)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "MALFORMED_QUERY")
    unknown = api.get("/query", params={"q": "SELECT Id FROM Nope"})
    assert (unknown.status_code, unknown.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
