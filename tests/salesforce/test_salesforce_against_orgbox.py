"""The client against a real org over HTTP: there, back, and every fault on the way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.schema.types import Field
from orgbox.server import RunningOrg
from tandem.salesforce import (
    App,
    Busy,
    Changed,
    Client,
    Done,
    Duplicate,
    Failed,
    Gone,
    LimitReached,
    MemoryVault,
    OutcomeUnknown,
    Patch,
    Refused,
    Session,
    SignInNeeded,
    TaskRow,
    Tokens,
    Written,
    sign_in,
)

KEY = "Sync_Key__c"
START = datetime(2026, 11, 23, 14, 0, 0, tzinfo=UTC)
KEY_FIELD = Field(
    KEY, "string", "Sync Key", 64, custom=True, unique=True, external_id=True, case_sensitive=True
)


class Box:
    """A running org with one client that is signed in by a refresh token that changes at every use."""

    def __init__(self, running: RunningOrg, clock: VirtualClock) -> None:
        self.running = running
        self._clock = clock
        oauth = running.app.state.oauth
        self.user: str = running.org.admin_id
        refresh = running.call(lambda: oauth.authorise(self.user))
        access = running.call(lambda: oauth.open_session(self.user, oauth.grants[refresh]))
        self.app = App(
            oauth.app.client_id,
            oauth.app.client_secret,
            running.url,
            grant="refresh_token",
            allow_loopback=True,
        )
        identity = f"{running.url}/id/{running.org.id}/{self.user}"
        self.vault = MemoryVault(Tokens(access, refresh, running.url, identity))
        self.client = Client(Session(self.vault, self.app))

    def fault(self, name: str, **what: Any) -> None:
        self.running.call(lambda: self.running.app.state.faults.add(name, **what))

    def later(self, seconds: float = 10) -> None:
        self.running.call(lambda: self._clock.advance(seconds))

    def in_salesforce(self, do: str, *args: Any) -> Any:
        """What a person does in Salesforce: insert, update, delete, undelete."""
        return self.running.call(lambda: getattr(self.running.org, do)("Task", *args))

    def expire_sessions(self) -> None:
        self.running.call(self.running.app.state.oauth.expire_sessions)

    def keys(self) -> list[str]:
        """Our keys on live Tasks, in order: twins would show."""
        records = self.running.call(lambda: list(self.running.org.scan("Task")))
        return sorted(record[KEY] for record in records if record[KEY])


@pytest.fixture
def box() -> Iterator[Box]:
    clock = VirtualClock(START)
    with RunningOrg(Org(clock, task_fields=[KEY_FIELD]), rotate_tokens=True) as running:
        box = Box(running, clock)
        with box.client:
            yield box


def new_tasks(count: int) -> list[dict[str, Any]]:
    return [
        {"Subject": f"Call {number}", "ActivityDate": date(2026, 11, 24), KEY: f"key-{number:03}"}
        for number in range(count)
    ]


def rows_of(written: Written) -> tuple[TaskRow, ...]:
    assert written.read_back is not None, written.read_error
    return written.read_back.rows


def kinds(written: Written) -> list[type]:
    return [type(result) if isinstance(result, Done) else type(result.error) for result in written.results]


# --- there and back --------------------------------------------------------------------------------------


def test_new_tasks_go_there_and_are_read_back_in_one_call(box: Box) -> None:
    written = box.client.insert_tasks(new_tasks(3), KEY)

    assert kinds(written) == [Done] * 3
    assert box.client.calls == 1
    (first, *_) = sorted(rows_of(written), key=lambda row: row.key or "")
    assert (first.subject, first.key, first.activity_date) == ("Call 0", "key-000", date(2026, 11, 24))
    assert (first.status, first.priority, first.is_closed) == ("Not Started", "Normal", False)
    assert first.owner_id == box.user
    assert first.system_modstamp == START


def test_eight_hundred_tasks_cost_one_call_and_all_are_found_again_in_one(box: Box) -> None:
    written = box.client.insert_tasks(new_tasks(800), KEY)
    by_key = box.client.tasks_by_key([row[KEY] for row in new_tasks(800)], KEY)
    by_id = box.client.tasks_by_id([row.id for row in by_key.rows], KEY)

    assert kinds(written) == [Done] * 800
    assert len(rows_of(written)) == len(by_key.rows) == len(by_id.rows) == 800
    assert box.client.calls == 3


def test_a_change_lands_only_if_nobody_was_faster(box: Box) -> None:
    one, two = rows_of(box.client.insert_tasks(new_tasks(2), KEY))
    box.later()
    box.in_salesforce("update", two.id, {"Priority": "High"})
    box.later()

    written = box.client.patch_tasks(
        [Patch(row.id, {"Subject": "Ours"}, row.last_modified_date) for row in (one, two)], KEY
    )

    assert kinds(written) == [Done, Changed]
    after = {row.id: row for row in rows_of(written)}
    assert after[one.id].subject == "Ours"
    assert after[one.id].last_modified_date == START + timedelta(seconds=20)
    assert (after[two.id].subject, after[two.id].priority) == (two.subject, "High")


def test_deleted_tasks_are_read_as_they_lie_in_the_bin(box: Box) -> None:
    one, two = rows_of(box.client.insert_tasks(new_tasks(2), KEY))
    box.in_salesforce("delete", two.id)

    written = box.client.delete_tasks([one.id, two.id], KEY)

    assert kinds(written) == [Done, Gone]
    assert [row.is_deleted for row in rows_of(written)] == [True, True]
    assert box.keys() == []


def test_a_change_to_a_deleted_task_finds_it_gone(box: Box) -> None:
    (row,) = rows_of(box.client.insert_tasks(new_tasks(1), KEY))
    box.in_salesforce("delete", row.id)

    written = box.client.patch_tasks([Patch(row.id, {"Subject": "Ours"}, START)], KEY)

    assert kinds(written) == [Gone]
    assert rows_of(written)[0].is_deleted


def test_pages_of_one_second_neither_lose_nor_repeat_a_task(box: Box) -> None:
    box.client.insert_tasks(new_tasks(7), KEY)
    box.later()
    box.in_salesforce("insert", {"Subject": "Theirs"})

    found: list[TaskRow] = []
    after, pages = None, 0
    while True:
        page = box.client.tasks_changed_since([box.user], START, after, KEY, limit=3)
        found, after, pages = [*found, *page.rows], page.after, pages + 1
        if page.complete:
            break

    assert pages == 3
    assert len(found) == len({row.id for row in found}) == 8
    assert found[-1].subject == "Theirs"
    assert box.client.count_tasks_changed([box.user], START) == 8


def test_the_names_of_people_and_deals_come_with_their_tasks(box: Box) -> None:
    org = box.running.org
    account = box.running.call(lambda: org.insert("Account", {"Name": "Analytical"}))
    contact = box.running.call(
        lambda: org.insert("Contact", {"FirstName": "Ada", "LastName": "Lovelace", "AccountId": account})
    )
    row = {**new_tasks(1)[0], "WhoId": contact, "WhatId": account, "Description": 'O\'Hara\\said "no"\n€'}

    (read,) = rows_of(box.client.insert_tasks([row], KEY))

    assert (read.who_name, read.what_name, read.account_name) == ("Ada Lovelace", "Analytical", "Analytical")
    assert read.description == row["Description"]


def test_the_logs_tell_what_was_deleted_and_changed(box: Box) -> None:
    one, two = rows_of(box.client.insert_tasks(new_tasks(2), KEY))
    box.in_salesforce("delete", one.id)
    box.later(180)

    deleted = box.client.tasks_deleted(START - timedelta(hours=1), START + timedelta(minutes=2))
    updated = box.client.tasks_updated(START - timedelta(hours=1), START + timedelta(minutes=2))

    assert [record_id for record_id, _ in deleted.deleted] == [one.id]
    assert two.id in updated.ids


def test_the_org_tells_its_time_its_limits_and_its_fields(box: Box) -> None:
    assert box.client.server_time() == START
    assert box.client.calls == 0

    described = box.client.describe("Task")
    limits = box.client.limits()

    assert described.fields[KEY].unique
    assert described.fields[KEY].external_id
    assert "Completed" in described.fields["Status"].picklist
    assert limits.by_name["DailyApiRequests"][0] == 100_000
    assert box.client.limit is not None
    assert (box.client.limit.used, box.client.limit.max) == (box.client.calls, 100_000)


def test_an_app_signs_in_as_itself_and_works(box: Box) -> None:
    oauth = box.running.app.state.oauth
    app = App(oauth.app.client_id, oauth.app.client_secret, box.running.url, "client_credentials", True)

    tokens = sign_in(app)

    assert tokens.user_id == box.user
    with Client(Session(MemoryVault(tokens), app)) as client:
        assert client.count("SELECT COUNT() FROM Task") == 0


# --- what goes wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset_after_commit", "500_after_commit"])
def test_a_write_lost_after_it_landed_is_in_doubt_and_sent_again_makes_no_twin(box: Box, fault: str) -> None:
    box.fault(fault, method="POST")

    with pytest.raises(OutcomeUnknown):
        box.client.insert_tasks(new_tasks(5), KEY)
    again = box.client.insert_tasks(new_tasks(5), KEY)

    assert kinds(again) == [Duplicate] * 5
    named = {result.error.existing_id for result in again.results if isinstance(result, Failed)
             and isinstance(result.error, Duplicate)}  # fmt: skip
    assert named == {row.id for row in rows_of(again)}
    assert box.keys() == [f"key-{number:03}" for number in range(5)]


@pytest.mark.parametrize("fault", ["reset_before_commit", "503_before_commit", "edge_html_503"])
def test_a_write_lost_before_it_landed_is_in_doubt_all_the_same(box: Box, fault: str) -> None:
    box.fault(fault, method="POST")

    with pytest.raises(OutcomeUnknown):
        box.client.insert_tasks(new_tasks(5), KEY)

    assert box.keys() == []
    assert box.client.calls == 1


@pytest.mark.parametrize(
    ("fault", "kind"), [("REQUEST_LIMIT_EXCEEDED", LimitReached), ("UNABLE_TO_LOCK_ROW", Busy)]
)
def test_a_refused_call_was_certainly_not_done(box: Box, fault: str, kind: type[Exception]) -> None:
    box.fault(fault, method="POST")

    with pytest.raises(kind):
        box.client.insert_tasks(new_tasks(5), KEY)

    assert box.keys() == []


def test_one_bad_row_among_two_hundred_fails_alone(box: Box) -> None:
    box.fault("row_refused", body="key-077")

    written = box.client.insert_tasks(new_tasks(200), KEY)

    assert [place for place, kind in enumerate(kinds(written)) if kind is not Done] == [77]
    assert kinds(written)[77] is Refused
    assert len(rows_of(written)) == len(box.keys()) == 199


def test_a_locked_row_holds_up_its_collection_and_no_other(box: Box) -> None:
    box.fault("row_locked", body="key-077")

    written = box.client.insert_tasks(new_tasks(201), KEY)

    assert kinds(written) == [Busy] * 200 + [Done]
    assert box.keys() == ["key-200"]


def test_a_session_that_ends_before_a_write_is_renewed_and_the_write_lands_once(box: Box) -> None:
    before = box.vault.current()
    box.fault("session_expired", method="POST", path="composite")

    written = box.client.insert_tasks(new_tasks(5), KEY)

    assert kinds(written) == [Done] * 5
    assert len(box.keys()) == 5
    after = box.vault.current()
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token


def test_ten_threads_renew_a_rotating_token_once_and_the_consent_survives(box: Box) -> None:
    box.expire_sessions()
    with ThreadPoolExecutor(10) as pool:
        counts = list(pool.map(lambda _: box.client.count("SELECT COUNT() FROM Task"), range(10)))
    box.expire_sessions()

    assert counts == [0] * 10
    assert box.client.count("SELECT COUNT() FROM Task") == 0
    journal = box.running.call(box.running.app.state.journal.as_json)
    assert str(journal).count("/services/oauth2/token") == 2


def test_a_consent_that_was_withdrawn_asks_a_person_to_connect_again(box: Box) -> None:
    oauth = box.running.app.state.oauth
    box.running.call(lambda: [oauth.revoke(grant) for grant in list(oauth.grants.values())])
    box.expire_sessions()

    with pytest.raises(SignInNeeded) as refused:
        box.client.insert_tasks(new_tasks(1), KEY)

    assert "connect again" in refused.value.sentence()
    assert box.keys() == []


def test_five_hundred_owners_are_asked_for_in_one_call(box: Box) -> None:
    box.client.insert_tasks(new_tasks(1), KEY)
    others = [f"005{number:012d}" for number in range(500)]

    page = box.client.tasks_changed_since([*others, box.user], START, None, KEY)

    assert [row.key for row in page.rows] == ["key-000"]
    assert box.client.calls == 2
