"""AD-3 … AD-9 and P3: which templates may be saved, what the preview shows, and that saving one rewrites nothing."""

from __future__ import annotations

import pytest

from tandem.reminders import services as reminders
from tandem.sync.fields import render
from tandem.sync.models import Link, OrgSync
from tandem.sync_settings import services
from tandem.sync_settings.cards import subject_preview
from tandem.sync_settings.errors import AdminsOnly, InvalidSettings
from tandem.sync_settings.subject import DYNAMIC_FIELDS, problem
from tests.sync.desk import Desk


@pytest.mark.parametrize("field", DYNAMIC_FIELDS)
def test_each_of_the_seven_dynamic_fields_may_be_used(field: str) -> None:
    assert len(DYNAMIC_FIELDS) == 7
    assert problem("[Tandem] {{" + field + "}}") is None


@pytest.mark.parametrize(
    "template", ["Mkto_sales", "[Tandem] - {{Activity_Type}}", "{{ ACTIVITY_SUBJECT }}", "a } b { c", "{one}"]
)
def test_ad_9_names_are_taken_whatever_their_case_and_free_text_is_free(template: str) -> None:
    assert problem(template) is None


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("", "The template is empty"),
        ("   ", "The template is empty"),
        ("x" * 1001, "longer than 1,000 characters"),
        ("one\ntwo", "A subject is one line"),
        ("Hi {{first_name}}", "“{{first_name}}” is not a dynamic field"),
        ("{{}}", "“{{}}” is not a dynamic field"),
        ("{{activity_subject", "not written to its end"),
        ("activity_subject}}", "not written to its end"),
        ("{{activity_subject}", "not written to its end"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused_with_a_sentence(template: str, sentence: str) -> None:
    assert sentence in str(problem(template))


def test_a_refused_template_changes_nothing(desk: Desk) -> None:
    with pytest.raises(InvalidSettings, match="is not a dynamic field, so nothing was saved"):
        services.save_subject(desk.member("anna"), "{{activity}}")
    assert not OrgSync.objects.exclude(subject_template="{{activity_subject}}").exists()


def test_only_an_admin_names_the_subject(desk: Desk) -> None:
    with pytest.raises(AdminsOnly):
        services.save_subject(desk.member("ben"), "Ben was here")


@pytest.mark.parametrize(
    "template",
    [
        "{{activity_subject}}",
        "[Tandem] {{Activity_Subject}}",
        "{{activity_type}} {{call_outcome}} by Tandem",
        "x" * 300,
    ],
)
def test_the_preview_is_the_subject_that_the_next_task_gets(desk: Desk, template: str) -> None:
    services.save_subject(desk.member("anna"), template)
    desk.switch_on()
    reminder = desk.create("Send the proposal")
    seen = subject_preview(desk.member("anna"), template)
    desk.settle()
    assert seen is not None
    assert desk.there(reminder)["Subject"] == seen.subject
    assert seen.length <= 255


def test_p_3_saving_a_template_alone_writes_nothing_to_salesforce(desk: Desk) -> None:
    """Pairs of every making: sent, imported, renamed under the template before, completed."""
    desk.switch_on()
    sent = desk.create("Sent")
    desk.insert("Imported")
    done = desk.create("Done")
    desk.settle()
    reminders.complete(desk.member().pk, done.pk)
    desk.settle()
    tasks = desk.tasks()
    links = list(Link.objects.order_by("pk").values("pk", "base_app", "base_sf", "sf_id"))
    # To one way, to a fixed text, and back to two ways.
    for template in (
        "[Tandem] {{activity_subject}}",
        "By Tandem",
        "[T] {{activity_subject}}",
        "{{activity_subject}}",
    ):
        desk.wait(minutes=2)
        services.save_subject(desk.member("anna"), template)
        assert desk.round().wrote == 0
        assert desk.settle().wrote == 0
        assert desk.tasks() == tasks
    assert list(Link.objects.order_by("pk").values("pk", "base_app", "base_sf", "sf_id")) == links
    desk.edit(sent, details="Only the details travel")
    desk.settle()
    assert desk.there(sent)["Subject"] == "Sent"


def test_p_3_after_a_new_template_only_renames_and_new_tasks_are_named_by_it(desk: Desk) -> None:
    desk.switch_on()
    old, renamed = desk.create("Old"), desk.create("Before")
    desk.settle()
    desk.wait(minutes=2)
    services.save_subject(desk.member("anna"), "[Tandem] {{activity_subject}}")
    desk.edit(renamed, name="After")
    new = desk.create("New")
    desk.settle()
    assert {task["Subject"] for task in desk.tasks()} == {"Old", "[Tandem] After", "[Tandem] New"}
    assert desk.there(old)["Subject"] == "Old"
    assert desk.there(new)["Subject"] == render("[Tandem] {{activity_subject}}", "New")


def test_p_3_back_to_two_ways_a_decorated_subject_does_not_rename_the_task_here(desk: Desk) -> None:
    services.save_subject(desk.member("anna"), "[Tandem] {{activity_subject}}")
    desk.switch_on()
    reminder = desk.create("Call Ann")
    desk.settle()
    desk.wait(minutes=2)
    services.save_subject(desk.member("anna"), "{{activity_subject}}")
    desk.update(desk.link(reminder).sf_id, Priority="High")
    desk.settle()
    reminder.refresh_from_db()
    assert (reminder.name, reminder.priority) == ("Call Ann", "high")
    assert desk.there(reminder)["Subject"] == "[Tandem] Call Ann"
