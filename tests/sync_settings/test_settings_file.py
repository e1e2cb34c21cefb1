"""Settings as a file: out and in again, differences first, and every broken file is a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tandem.audit.models import Change
from tandem.sync.models import OrgSync, TaskSync
from tandem.sync_settings import services, settings_file
from tandem.sync_settings.errors import InvalidFile
from tandem.sync_settings.models import Setting
from tests.sync.desk import Desk

Visit = Callable[[str], Client]
FILE = "/settings/salesforce/sync/file"


def exported(client: Client) -> str:
    return client.get(FILE).content.decode()


def compare(client: Client, content: str | bytes) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(f"{FILE}/compare", {"file": SimpleUploadedFile("settings.json", raw)})


def hidden(page: str, name: str) -> str:
    import html

    return html.unescape(page.split(f'name="{name}" value="')[1].split('"')[0])


def save(client: Client, page: str) -> Any:
    return client.post(
        f"{FILE}/save", {"content": hidden(page, "content"), "seen": hidden(page, "seen")}, follow=True
    )


def state() -> Any:
    return (
        list(Setting.objects.order_by("pk").values()),
        list(OrgSync.objects.values_list("subject_template", flat=True)),
        list(TaskSync.objects.values_list("connection", "enabled")),
        Change.objects.exclude(section="connection").count(),
    )


def test_what_was_exported_comes_back_as_it_was(desk: Desk, visit: Visit) -> None:
    anna = desk.member("anna")
    services.save_email_api(anna, {"emails": True, "replies": True, "nobody": "lead"}, locked=True)
    services.save_calls(anna, {"log": True})
    services.save_subject(anna, "[Tandem] {{activity_subject}}")
    text = exported(visit("anna"))
    services.save_email_api(anna, {"emails": False}, locked=False)
    services.save_calls(anna, {"log": False})
    services.save_subject(anna, "{{activity_subject}}")
    page = compare(visit("anna"), text).content.decode()
    save(visit("anna"), page)
    assert exported(visit("anna")) == text
    again = compare(visit("anna"), text).content.decode()
    assert "There is nothing to save." in again


def test_the_differences_are_shown_before_anything_is_saved(desk: Desk, visit: Visit) -> None:
    before = state()
    wanted = {"tandem-settings": 1, "calls": {"log": True}, "subject": {"template": "By Tandem"}}
    page = compare(visit("anna"), json.dumps(wanted)).content.decode()
    assert "Log calls: <del>no</del>" in page
    assert "<ins>yes</ins>" in page
    assert "<ins>By Tandem</ins>" in page
    assert state() == before
    save(visit("anna"), page)
    assert OrgSync.objects.get().subject_template == "By Tandem"


def test_a_section_that_is_left_out_stays_as_it_is(desk: Desk, visit: Visit) -> None:
    services.save_calls(desk.member("anna"), {"log": True}, locked=True)
    page = compare(visit("anna"), '{"tandem-settings": 1, "subject": {"template": "x"}}').content.decode()
    save(visit("anna"), page)
    assert Setting.objects.get(section="calls").locked


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is not JSON"),
        (b"\xff\xfe", "This file is not JSON"),
        (b"[" * 50_000, "This file is not JSON"),
        (b"[]", "not a settings file of Tandem"),
        (b"{}", "not a settings file of Tandem"),
        (b'{"tandem-settings": 2}', "not a settings file of Tandem"),
        (b" " * 100_001, "far too long"),
        (b'{"tandem-settings": 1, "fax": {}}', "“fax”, which is no section"),
        (b'{"tandem-settings": 1, "calls": []}', "calls: This has to be an object"),
        (b'{"tandem-settings": 1, "calls": {"log": "yes"}}', "calls.log: This can only be true or false"),
        (b'{"tandem-settings": 1, "calls": {"log": true, "locked": 1}}', "calls.locked: This can only be"),
        (b'{"tandem-settings": 1, "calls": {"colour": 1}}', "calls.colour: There is no such setting"),
        (b'{"tandem-settings": 1, "calls": {}, "calls": {}}', "“calls” twice"),
        (b'{"tandem-settings": 1, "email-api": {"several": "x"}}', "email-api.several: This is none"),
        (b'{"tandem-settings": 1, "email-bcc": {"active": true}}', "email-bcc.address: This is not"),
        (b'{"tandem-settings": 1, "email-bcc": {"active": false}}', "each member&#x27;s own"),
        (b'{"tandem-settings": 1, "subject": {"template": "{{x}}"}}', "subject.template: “{{x}}” is not"),
        (b'{"tandem-settings": 1, "subject": {"template": null}}', "subject.template: This has to be a text"),
    ],
)
def test_a_broken_file_is_a_sentence_and_changes_nothing(
    desk: Desk, visit: Visit, content: bytes, sentence: str
) -> None:
    before = state()
    answer = compare(visit("anna"), content)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    crafted = visit("anna").post(f"{FILE}/save", {"content": content.decode("latin-1"), "seen": ""})
    assert crafted.status_code in (409, 422)
    assert state() == before


def test_no_file_chosen_is_a_sentence(desk: Desk, visit: Visit) -> None:
    answer = visit("anna").post(f"{FILE}/compare")
    assert answer.status_code == 422
    assert "No file was chosen." in answer.content.decode()


def test_settings_that_changed_meanwhile_are_compared_anew(desk: Desk, visit: Visit) -> None:
    page = compare(visit("anna"), '{"tandem-settings": 1, "calls": {"log": true}}').content.decode()
    services.save_calls(desk.member("anna"), {"log": False}, locked=True)
    answer = save(visit("anna"), page)
    assert answer.status_code == 409
    assert "Somebody changed the settings meanwhile. Nothing was saved." in answer.content.decode()
    assert Setting.objects.get().value == {"log": False}
    save(visit("anna"), answer.content.decode())
    assert Setting.objects.get().value == {"log": True}


def test_tasks_in_a_file_move_nothing_unless_they_are_locked(desk: Desk, visit: Visit) -> None:
    text = '{"tandem-settings": 1, "tasks": {"sync": true, "locked": %s}}'
    page = compare(visit("anna"), text % "false").content.decode()
    assert "There is nothing to save." in page
    page = compare(visit("anna"), text % "true").content.decode()
    assert "the first import begins" in page
    save(visit("anna"), page)
    assert TaskSync.objects.filter(enabled=True).count() == 2


def test_a_file_that_would_log_twice_is_refused_whole(desk: Desk, visit: Visit) -> None:
    services.activate_bcc(desk.member("ben"), "emailtosalesforce@2-abc.le.salesforce.com")
    before = state()
    text = '{"tandem-settings": 1, "calls": {"log": true}, "email-api": {"emails": true}}'
    page = compare(visit("anna"), text).content.decode()
    answer = save(visit("anna"), page)
    assert answer.status_code == 422
    assert "Emails would be logged twice" in answer.content.decode()
    assert state() == before


def test_a_file_holds_no_address_and_nothing_of_one_member(desk: Desk, visit: Visit) -> None:
    services.activate_bcc(desk.member("ben"), "emailtosalesforce@2-abc.le.salesforce.com")
    assert "salesforce.com" not in exported(visit("anna"))


def test_reading_what_was_written_gives_the_same() -> None:
    text = settings_file.written({})
    assert settings_file.read(text.encode()) == {}
    with pytest.raises(InvalidFile):
        settings_file.read(text.replace("1", "true").encode())
