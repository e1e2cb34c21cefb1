"""P7 … P11, EM-10, BC-2: what may be saved, by whom, what a lock does, and that every change is told in the log."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from tandem.audit.models import AppendOnly, Change
from tandem.config import wiring
from tandem.sync.models import TaskSync
from tandem.sync_settings import services
from tandem.sync_settings.errors import InvalidSettings, NotConnected, SetByAdmin
from tandem.sync_settings.models import Setting
from tandem.sync_settings.reading import rules_of
from tandem.sync_settings.values import Section, checked
from tests.sync.desk import Desk

ADDRESS = "emailtosalesforce@2-k7s9p0h8n3vb.d-1gv2eai.le.salesforce.com"
API = {"emails": True}


def on(name: str, desk: Desk) -> bool:
    return TaskSync.objects.filter(connection=desk.connections[name], enabled=True).exists()


# --- the team's rules, a member's own, and the lock -------------------------------------------------------------------


def test_p_11_the_teams_rules_hold_until_a_member_saves_their_own(desk: Desk) -> None:
    services.save_email_api(desk.member("anna"), {**API, "nobody": "lead"})
    assert rules_of(desk.member("ben")).email_api.nobody == "lead"
    services.save_email_api(desk.member("ben"), {**API, "nobody": "skip"})
    services.save_email_api(desk.member("anna"), {**API, "nobody": "hold"})
    assert rules_of(desk.member("ben")).email_api.nobody == "skip"
    assert rules_of(desk.member("anna")).email_api.nobody == "hold"
    services.use_team_rules(desk.member("ben"), Section.EMAIL_API)
    assert rules_of(desk.member("ben")).email_api.nobody == "hold"


def test_p_11_a_lock_puts_the_teams_rules_above_a_members_own_and_unlocking_gives_them_back(
    desk: Desk,
) -> None:
    services.save_calls(desk.member("ben"), {"log": True})
    services.save_calls(desk.member("anna"), {"log": False}, locked=True)
    assert rules_of(desk.member("ben")).calls.log is False
    services.save_calls(desk.member("anna"), {"log": False}, locked=False)
    assert rules_of(desk.member("ben")).calls.log is True


def test_p_11_a_member_cannot_lock(desk: Desk) -> None:
    services.save_calls(desk.member("ben"), {"log": True}, locked=True)
    assert not Setting.objects.filter(locked=True).exists()


def lock_everything(desk: Desk) -> None:
    services.save_email_api(desk.member("anna"), API, locked=True)
    services.deactivate_bcc(desk.member("anna"), locked=True)
    services.save_tasks(desk.member("anna"), {"sync": False}, locked=True)
    services.save_calls(desk.member("anna"), {"log": True}, locked=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda ben: services.save_email_api(ben, API),
        lambda ben: services.activate_bcc(ben, ADDRESS),
        lambda ben: services.deactivate_bcc(ben),
        lambda ben: services.save_tasks(ben, {"sync": True}),
        lambda ben: services.pause_tasks(ben),
        lambda ben: services.save_calls(ben, {"log": False}),
        lambda ben: services.use_team_rules(ben, Section.CALLS),
    ],
)
def test_p_11_what_is_locked_no_member_changes(desk: Desk, change: Any) -> None:
    lock_everything(desk)
    before = list(Setting.objects.order_by("pk").values())
    with pytest.raises(SetByAdmin):
        change(desk.member("ben"))
    assert list(Setting.objects.order_by("pk").values()) == before
    assert not on("ben", desk)


def test_a_lock_on_the_task_sync_gives_everybody_the_choice(desk: Desk) -> None:
    services.save_tasks(desk.member("anna"), {"sync": True}, locked=True)
    assert on("anna", desk)
    assert on("ben", desk)
    services.save_tasks(desk.member("anna"), {"sync": False}, locked=True)
    assert not on("anna", desk)
    assert not on("ben", desk)


def test_without_the_lock_the_admin_switches_only_their_own_tasks(desk: Desk) -> None:
    services.save_tasks(desk.member("anna"), {"sync": True}, locked=False)
    assert on("anna", desk)
    assert not on("ben", desk)


def test_who_connects_later_gets_what_is_locked_for_everybody(desk: Desk) -> None:
    services.save_tasks(desk.member("anna"), {"sync": True}, locked=True)
    wiring.register_wakes()
    desk.join("chloe")
    assert on("chloe", desk)
    services.save_tasks(desk.member("anna"), {"sync": True}, locked=False)
    desk.join("dora")
    assert not on("dora", desk)


def test_cn_2_without_a_connection_nothing_can_be_set(desk: Desk) -> None:
    connection = desk.connections["ben"]
    type(connection).objects.filter(pk=connection.pk).update(state="disconnected")
    ben = desk.member("ben")
    for save in (
        lambda: services.save_email_api(ben, API),
        lambda: services.activate_bcc(ben, ADDRESS),
        lambda: services.save_tasks(ben, {"sync": True}),
        lambda: services.save_calls(ben, {"log": True}),
    ):
        with pytest.raises(NotConnected):
            save()
    assert not Setting.objects.exists()


# --- API and BCC ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        "emailtosalesforce@1-abc.in.salesforce.com",
        "  EmailToSalesforce@2-ABC.d.le.Salesforce.com ",
    ],
)
def test_bc_2_an_address_of_salesforces_shape_is_activated(desk: Desk, address: str) -> None:
    services.activate_bcc(desk.member("ben"), address)
    held = rules_of(desk.member("ben")).email_bcc
    assert (held.active, held.address) == (True, address.strip().lower())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ben@org.example",
        "emailtosalesforce@le.salesforce.com",
        "emailtosalesforce@x.le.salesforce.com.evil.example",
        "emailtosalesforce@x.le.salesforce.comm",
        "emailtosalesforce@x.na.salesforce.com",
        "x.emailtosalesforce@y.le.salesforce.com",
        "emailtosalesforce@x..le.salesforce.com",
        "emailtosalesforce@-x.le.salesforce.com",
        "emailtosalesforce@x.le.salesforce.com\nBcc: all@org.example",
        f"emailtosalesforce@{'a.' * 130}le.salesforce.com",
    ],
)
def test_bc_2_any_other_address_is_refused_with_a_sentence(desk: Desk, address: str) -> None:
    with pytest.raises(InvalidSettings, match="This is not an Email to Salesforce address"):
        services.activate_bcc(desk.member("ben"), address)
    assert not Setting.objects.exists()


def test_deactivated_the_address_is_kept_for_the_next_time(desk: Desk) -> None:
    services.activate_bcc(desk.member("ben"), ADDRESS)
    services.deactivate_bcc(desk.member("ben"))
    held = rules_of(desk.member("ben")).email_bcc
    assert (held.active, held.address) == (False, ADDRESS)


def test_em_10_replies_are_logged_only_once_emails_are(desk: Desk) -> None:
    services.save_email_api(desk.member("anna"), {"emails": False, "replies": True})
    assert rules_of(desk.member("anna")).email_api.replies is False


def test_logging_to_nothing_is_refused(desk: Desk) -> None:
    nowhere = {**API, "leads": False, "contacts": False}
    with pytest.raises(InvalidSettings, match="Choose at least one kind of record"):
        services.save_email_api(desk.member("anna"), nowhere)


@pytest.mark.parametrize(
    "given", [{"several": "newest"}, {"nobody": ""}, {"emails": "yes"}, {"colour": "red"}, {"nobody": None}]
)
def test_what_no_page_offers_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings):
        checked(Section.EMAIL_API, given)


def test_p_9_the_page_asks_for_one_of_the_two_ways(desk: Desk) -> None:
    services.activate_bcc(desk.member("ben"), ADDRESS)
    with pytest.raises(InvalidSettings, match="logged twice"):
        services.save_email_api(desk.member("ben"), API)
    with pytest.raises(InvalidSettings, match="logged twice"):
        services.save_email_api(desk.member("anna"), API)
    services.deactivate_bcc(desk.member("ben"))
    services.save_email_api(desk.member("ben"), API)
    with pytest.raises(InvalidSettings, match="logged twice"):
        services.activate_bcc(desk.member("ben"), ADDRESS)


def test_p_9_only_an_admin_may_insist_on_both(desk: Desk) -> None:
    services.activate_bcc(desk.member("ben"), ADDRESS)
    with pytest.raises(InvalidSettings, match="logged twice"):
        services.save_email_api(desk.member("ben"), {**API, "both": True})
    services.save_email_api(desk.member("anna"), {**API, "both": True})
    held = rules_of(desk.member("ben"))
    assert held.email_api.emails
    assert held.email_api.both
    assert held.email_bcc.active


# --- the log of changes -----------------------------------------------------------------------------------------------


def changes() -> QuerySet[Change]:
    """What the log says of the settings; connecting stands there too."""
    return Change.objects.exclude(section="connection").order_by("pk")


def test_every_change_says_who_whose_before_and_after(desk: Desk) -> None:
    services.save_calls(desk.member("anna"), {"log": True}, locked=True)
    services.save_calls(desk.member("anna"), {"log": False}, locked=False)
    services.save_calls(desk.member("ben"), {"log": True})
    services.use_team_rules(desk.member("ben"), Section.CALLS)
    services.save_subject(desk.member("anna"), "[T] {{activity_subject}}")
    told = [
        (str(change.by), change.member and change.member.name, change.section, change.before, change.after)
        for change in changes()
    ]
    assert told == [
        ("Anna", None, "calls", None, {"log": True, "locked": True}),
        ("Anna", None, "calls", {"log": True, "locked": True}, {"log": False, "locked": False}),
        ("Ben", "Ben", "calls", None, {"log": True}),
        ("Ben", "Ben", "calls", {"log": True}, None),
        (
            "Anna",
            None,
            "subject",
            {"template": "{{activity_subject}}"},
            {"template": "[T] {{activity_subject}}"},
        ),
    ]


def test_what_an_admin_sets_for_everybody_is_told_of_each_member(desk: Desk) -> None:
    services.save_tasks(desk.member("anna"), {"sync": True}, locked=True)
    told = {(str(change.by), change.member and change.member.name) for change in changes()}
    assert told == {("Anna", None), ("Anna", "Ben"), ("Anna", "Anna")}


def test_saving_the_same_again_is_no_change(desk: Desk) -> None:
    for _ in range(2):
        services.save_email_api(desk.member("anna"), API)
        services.save_subject(desk.member("anna"), "By Tandem")
    assert changes().count() == 2


def test_the_log_shows_no_whole_bcc_address(desk: Desk) -> None:
    services.activate_bcc(desk.member("ben"), ADDRESS)
    change = changes().get()
    assert change.after == {
        "active": True,
        "address": "emailtosalesforce@2-k….le.salesforce.com",
        "refs": False,
    }


def test_the_log_only_grows(desk: Desk) -> None:
    services.save_calls(desk.member("anna"), {"log": True})
    change = changes().get()
    change.after = {"log": False}
    for rewrite in (
        change.save,
        change.delete,
        lambda: Change.objects.update(after=None),
        lambda: Change.objects.all().delete(),
    ):
        with pytest.raises(AppendOnly):
            rewrite()
    assert changes().get().after == {"log": True, "locked": False}


def test_a_refused_change_is_not_in_the_log(desk: Desk) -> None:
    with pytest.raises(InvalidSettings):
        services.activate_bcc(desk.member("ben"), "nobody@nowhere.example")
    assert not changes().exists()


def test_what_is_switched_at_the_servers_command_line_is_told_as_such(desk: Desk) -> None:
    services.switch_at_server(desk.connections["ben"], on=True)
    services.switch_at_server(desk.connections["ben"], on=True)
    services.switch_at_server(desk.connections["ben"], on=False)
    told = [(change.by, str(change.member), change.before, change.after) for change in changes()]
    assert told == [
        (None, "Ben", {"sync": False}, {"sync": True}),
        (None, "Ben", {"sync": True}, {"sync": False}),
    ]
    assert not TaskSync.objects.get().enabled


def test_pausing_and_going_on_are_told_too_and_nothing_else_is_when_nothing_changed(desk: Desk) -> None:
    ben = desk.member("ben")
    services.resume_tasks(ben)
    services.save_tasks(ben, {"sync": True})
    for step in (services.pause_tasks, services.pause_tasks, services.resume_tasks, services.resume_tasks):
        step(ben)
    told = [(str(change.by), change.before, change.after) for change in changes()[1:]]
    assert told == [
        ("Ben", {"paused": False}, {"paused": True}),
        ("Ben", {"paused": True}, {"paused": False}),
    ]
