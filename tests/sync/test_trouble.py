"""Trouble that lasts: it costs few calls, is told in a sentence, ends by itself, and destroys nothing of a person's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NoReturn

import pytest

from tandem.config.due import due_orgs
from tandem.config.salesforce_port import SalesforcePort
from tandem.reminders import services as reminders
from tandem.reminders.command_center import command_center
from tandem.reminders.models import Reminder
from tandem.sync.models import Link, OrgSync
from tandem.sync.ports import NoAnswer, Patch, Refused, Why, Written
from tests.sync.desk import Desk, day, open_desk


@pytest.fixture
def plain(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Anna's sync is on, in an org where nothing keeps our key unique (mode B)."""
    with open_desk(monkeypatch, unique_key=False) as desk:
        desk.join("anna")
        on(desk)
        yield desk


def on(desk: Desk) -> None:
    desk.switch_on()
    desk.round()


def shown(desk: Desk) -> list[str]:
    """What Anna's Command Center shows now."""
    return [reminder.name for reminder in command_center(desk.member(), desk.clock.now()).shown]


def composite_calls(desk: Desk) -> int:
    entries = desk.running.app.state.journal.entries
    return sum("composite" in entry.path for entry in entries)


# --- refusals and outages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", [Why.CHANGED, Why.GONE])
def test_a_refusal_that_nothing_there_explains_backs_off_and_goes_through_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, why: Why
) -> None:
    on(desk)
    reminder = desk.create("Call Ann")
    desk.round()
    desk.wait(minutes=1)
    desk.edit(reminder, details="edited")
    sent: list[int] = []

    def refused(port: SalesforcePort, rows: Sequence[Patch]) -> Written:
        assert len(sent) < 5, "one round sends the same thing over and over"
        sent.append(len(rows))
        page = port.by_id([row.id for row in rows])
        return Written([Refused(why, "NO_REASON", "Refused.") for _ in rows], page.rows, page.read_at)

    with monkeypatch.context() as patched:
        patched.setattr(SalesforcePort, "patch", refused)
        for _ in range(3):
            desk.round()
            desk.wait(minutes=5)
    assert sent == [1, 1, 1]
    assert desk.link(reminder).failures == 3
    desk.settle()
    assert desk.there(reminder)["Description"] == "edited"


@pytest.mark.parametrize("fault", ["503_before_commit", "reset_before_commit", "edge_html_503"])
def test_an_outage_ends_the_route_after_one_call_and_the_rest_waits_untouched(desk: Desk, fault: str) -> None:
    on(desk)
    made = [desk.create(f"Task {n}") for n in range(60)]
    desk.round()
    desk.wait(minutes=1)
    for reminder in made:
        desk.edit(reminder, details="edited")
    desk.fault(fault, path="composite", times=None)
    before = composite_calls(desk)
    report = desk.round()
    assert composite_calls(desk) - before == 1
    assert report.trouble
    assert Link.objects.filter(failures=0, intent_op=None, doubted=False).count() == 60 - 24
    desk.cure()
    desk.wait(minutes=1)
    desk.settle()
    assert {task["Description"] for task in desk.tasks()} == {"edited"}


def test_a_new_task_is_sent_though_the_reading_that_another_one_needs_brings_no_answer(
    plain: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = plain.create("Young")
    plain.round()
    plain.edit(young, details="seen within its own second, so it is read again before it is written")
    new = plain.create("New")

    def busy(port: SalesforcePort, ids: Sequence[str]) -> NoReturn:
        raise NoAnswer(Why.BUSY, "SERVER_UNAVAILABLE", "Salesforce is busy.")

    monkeypatch.setattr(SalesforcePort, "by_id", busy)
    assert plain.round().trouble == "Salesforce is busy."
    assert plain.link(new).sf_id is not None


def test_what_was_opened_and_never_sent_goes_as_soon_as_the_outage_is_over(plain: Desk) -> None:
    """Mode B waits ten minutes for a create in doubt; what never left this machine is in no doubt."""
    made = [plain.create("Old")]
    plain.round()
    plain.wait(minutes=1)
    reminders.delete(plain.member().pk, made[0].pk)
    plain.wait(seconds=11)
    new = plain.create("New")
    plain.fault("reset_before_commit", path="composite")  # strikes the delete, which goes first
    plain.round()
    assert (plain.link(new).sf_id, plain.link(new).intent_op) == (None, None)
    plain.wait(seconds=31)
    plain.round()
    assert plain.link(new).sf_id is not None


def test_an_org_is_due_at_once_when_our_clock_was_put_back_a_year(desk: Desk) -> None:
    desk.wait(days=365)
    on(desk)
    desk.clock.advance(-timedelta(days=365).total_seconds())
    assert due_orgs() == [desk.connections["anna"].org_id]


def test_what_stops_the_rounds_is_kept_in_salesforces_words_until_one_goes_well(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(desk)

    def refused(port: SalesforcePort, *asked: Any) -> NoReturn:
        raise NoAnswer(Why.RULE, "INVALID_FIELD", "There is no column Tandem_Key__c any more.")

    with monkeypatch.context() as patched:
        patched.setattr(SalesforcePort, "changed_since", refused)
        desk.round()
    assert OrgSync.objects.get().trouble_code == "INVALID_FIELD"
    assert OrgSync.objects.get().trouble == "There is no column Tandem_Key__c any more."
    desk.wait(minutes=1)
    desk.round()
    assert OrgSync.objects.get().trouble == ""


def test_an_error_of_our_own_is_kept_too_and_other_routes_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.join("ben")
    desk.switch_on("anna")
    desk.switch_on("ben")
    desk.insert("Ben's", owner="ben")
    changed_since = SalesforcePort.changed_since

    def unexpected(port: SalesforcePort, owners: Sequence[str], *asked: Any) -> Any:
        if list(owners) == [desk.connections["anna"].user]:
            raise KeyError("a row nobody expected")
        return changed_since(port, owners, *asked)

    monkeypatch.setattr(SalesforcePort, "changed_since", unexpected)
    with pytest.raises(KeyError, match="a row nobody expected"):
        desk.round()
    assert [reminder.name for reminder in Reminder.objects.all()] == ["Ben's"]
    assert OrgSync.objects.get().trouble_code == "OUR_OWN"


# --- a Task that somebody else has now -----------------------------------------------------------------------------------


def given_away(desk: Desk) -> str:
    """A Task of Anna's, due today, that now belongs to somebody who does not use Tandem."""
    task = desk.insert("Call Ann", ActivityDate=day(0))
    on(desk)
    assert shown(desk) == ["Call Ann"]
    desk.wait(minutes=5)
    values = {"LastName": "Cas", "Username": "cas@org.example", "Email": "cas@org.example", "Alias": "cas"}
    cas = desk.running.call(lambda: desk.org.insert("User", values))
    desk.update(task, OwnerId=cas, Subject="Cas calls Ann")
    return task


def test_a_task_given_to_somebody_outside_tandem_leaves_the_command_center_within_two_hours(
    desk: Desk,
) -> None:
    task = given_away(desk)
    for _ in range(4):
        desk.wait(minutes=30)
        desk.round()
    assert shown(desk) == []
    assert desk.twin(task).owner_id is None
    assert desk.twin(task).name == "Cas calls Ann"
    assert desk.task(task)["OwnerId"] != desk.connections["anna"].user
    assert not desk.task(task)["IsDeleted"]


def test_a_task_that_is_given_back_comes_back(desk: Desk) -> None:
    task = given_away(desk)
    for _ in range(4):
        desk.wait(minutes=30)
        desk.round()
    assert shown(desk) == []
    desk.update(task, OwnerId=desk.connections["anna"].user)
    desk.wait(minutes=1)
    desk.round()
    assert shown(desk) == ["Cas calls Ann"]
    assert Reminder.objects.count() == 1


# --- second records with one of our keys ---------------------------------------------------------------------------------


def doubted(desk: Desk) -> Link:
    """A pair whose create had no clear answer once, so that a late twin of its Task may turn up."""
    reminder = desk.create("Call Ann")
    desk.fault("reset_after_commit", path="composite")
    desk.round()
    desk.wait(minutes=1)
    desk.settle()
    link = desk.link(reminder)
    assert link.doubted
    assert link.sf_id is not None
    return link


def same_again(desk: Desk, link: Link) -> str:
    """A second Task with the same key and the same values, made now."""
    return desk.insert("Call Ann", CallObject=link.key, Status="Not Started", Priority="Normal")


def test_a_late_twin_that_nobody_touched_is_deleted_and_told(plain: Desk) -> None:
    """I16: what was deleted for somebody stands among the conflicts."""
    link = doubted(plain)
    twin = same_again(plain, link)
    plain.wait(minutes=1)
    assert plain.round().swept == 1
    assert plain.task(twin)["IsDeleted"]
    assert not plain.task(link.sf_id or "")["IsDeleted"]
    told = [(lost.link_id, lost.field, lost.side, lost.value, lost.won) for lost in plain.conflicts()]
    assert told == [(link.pk, "task", "salesforce", twin, "deleted")]


def test_a_late_twin_that_somebody_changed_is_kept_and_told_once(plain: Desk) -> None:
    link = doubted(plain)
    twin = same_again(plain, link)
    plain.update(twin, Description="I work on this one")
    for _ in range(3):
        plain.wait(minutes=1)
        assert plain.round().swept == 0
    assert not plain.task(twin)["IsDeleted"]
    assert [(lost.value, lost.won) for lost in plain.conflicts()] == [(twin, "kept")]


def test_a_copy_that_a_person_made_of_a_task_that_was_never_in_doubt_is_kept(plain: Desk) -> None:
    reminder = plain.create("Call Ann")
    plain.round()
    plain.wait(minutes=20)
    copy = same_again(plain, plain.link(reminder))
    plain.wait(minutes=1)
    assert plain.round().swept == 0
    assert not plain.task(copy)["IsDeleted"]


def test_a_copy_that_a_person_made_a_day_later_is_kept(plain: Desk) -> None:
    link = doubted(plain)
    plain.wait(days=1)
    copy = same_again(plain, link)
    plain.wait(minutes=1)
    assert plain.round().swept == 0
    assert not plain.task(copy)["IsDeleted"]


def test_a_copy_outlives_the_task_that_it_was_made_of(plain: Desk) -> None:
    """Its first record is gone for good, so nothing tells how late it came: none is believed to be a twin of ours."""
    link = doubted(plain)
    plain.wait(days=1)
    copy = same_again(plain, link)
    plain.round()
    reminders.delete(plain.member().pk, link.reminder_id or 0)
    plain.wait(minutes=1)
    plain.settle()
    assert plain.task(link.sf_id or "")["IsDeleted"]
    plain.wait(days=16)
    plain.update(copy, Description="touched")
    plain.update(copy, Description=None)
    plain.round()
    assert not plain.task(copy)["IsDeleted"]
