"""The field map: what a word of one side means on the other, how values are spelled for comparing, what may not be sent."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tandem.reminders.errors import InvalidReminder
from tandem.reminders.values import checked_fields
from tandem.sync.fields import (
    DEFAULT_TEMPLATE,
    DETAILS_LENGTH,
    NO_SUBJECT,
    SALESFORCE_NAMES,
    SUBJECT_LENGTH,
    FieldMap,
    canonical,
    canonical_details,
    canonical_name,
    render,
)
from tandem.sync.pair import FIELDS
from tests.sync.build import APP, NAMED, SF, TWO_WAY, UNNAMED, version

TEXT = st.text(st.sampled_from("aé\u0301e \t\n\r\0x\u2028\u00a0😀{}"), max_size=12) | st.text(max_size=40)


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "closed", "word", "kind"),
    [
        ("status", "Not Started", False, "open", "open"),
        ("status", "Completed", True, "done", "done"),
        ("status", "In Progress", False, None, "open"),
        ("status", "Waiting on someone else", False, None, "open"),
        ("status", "Deferred", False, None, "open"),
        ("status", "Cancelled", True, None, "done"),
        ("status", "completed", True, None, "done"),
        ("priority", "Normal", False, "normal", "normal"),
        ("priority", "High", False, "high", "high"),
        ("priority", "Low", False, None, "normal"),
        ("priority", "high", False, None, "normal"),
        ("due", "2026-03-03", False, "2026-03-03", "2026-03-03"),
        ("due", "", False, "", ""),
        ("details", "", False, "", ""),
        ("name", "Call Ann", False, "Call Ann", None),
        ("name", "", False, None, None),
    ],
)
def test_what_a_salesforce_value_says_here(
    field: str, value: str, closed: bool, word: str | None, kind: str | None
) -> None:
    """TS-5, TS-6: exact picklist values only; all others have a kind but no word."""
    assert TWO_WAY[field].word(value, closed=closed) == word
    assert TWO_WAY[field].kind(value, closed=closed) == kind


@pytest.mark.parametrize(
    ("field", "ours", "sent"),
    [
        ("status", "open", "Not Started"),
        ("status", "done", "Completed"),
        ("priority", "normal", "Normal"),
        ("priority", "high", "High"),
        ("due", "", ""),
        ("details", "two\nlines", "two\nlines"),
        ("name", "Call Ann", "Call Ann"),
    ],
)
def test_what_our_value_is_called_there(field: str, ours: str, sent: str) -> None:
    assert TWO_WAY[field].send(ours) == sent


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_we_send_says_the_same_when_it_comes_back(field: str) -> None:
    """Else the echo of our own write would be news."""
    for ours in {"status": ("open", "done"), "priority": ("normal", "high")}.get(field, ("x", "2026-03-03")):
        sent = TWO_WAY[field].send(ours)
        assert sent is not None
        assert TWO_WAY[field].word(sent, closed=sent == "Completed") == ours
        assert TWO_WAY.agree(field, ours, sent, closed=sent == "Completed")


def test_only_done_wins_against_salesforce() -> None:
    """P6."""
    winners = {
        (name, mine)
        for name in FIELDS
        for mine in ("open", "done", "normal", "high", "x")
        if TWO_WAY[name].ours_wins(mine, "y")
    }
    assert winners == {("status", "done")}


def test_the_map_has_our_five_fields_and_no_other() -> None:
    assert tuple(TWO_WAY.fields) == FIELDS == tuple(SALESFORCE_NAMES)
    assert list(SALESFORCE_NAMES.values()) == ["Subject", "Status", "Priority", "ActivityDate", "Description"]


# --- the template ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "subject", "expected"),
    [
        ("{{activity_subject}}", "Call Ann", "Call Ann"),
        ("[Tandem] {{activity_subject}}", "Call Ann", "[Tandem] Call Ann"),
        ("{{Activity_Subject}}!", "Call Ann", "Call Ann!"),
        ("{{ activity_subject }}!", "Call Ann", "Call Ann!"),
        ("{{activity_subject}} / {{activity_subject}}", "Ann", "Ann / Ann"),
        ("{{call_outcome}}{{activity_subject}}", "Call Ann", "Call Ann"),
        ("{{activity_subject}} {{call_reason}}", "Call Ann", "Call Ann"),
        ("Mkto_sales", "Call Ann", "Mkto_sales"),
        ("one\nline: {{activity_subject}}", "a\nb", "one line: a b"),
        ("{{activity_subject}}", r"back\1slash \g<0>", r"back\1slash \g<0>"),
    ],
)
def test_the_subject_from_the_template(template: str, subject: str, expected: str) -> None:
    """AD-3 to AD-5, AD-9: tokens in any case, empty ones render as nothing, one line."""
    assert render(template, subject) == expected


def test_a_name_that_looks_like_a_token_is_kept_as_it_was_typed() -> None:
    """AD-4 is about the template's dynamic fields; what a member typed is not a dynamic field."""
    assert render("[T] {{activity_subject}}", "fix {{braces}} in mail") == "[T] fix {{braces}} in mail"


def test_a_subject_over_255_characters_is_cut_so_that_it_still_stores() -> None:
    """AD-6."""
    assert len(render("[Tandem] {{activity_subject}}", "x" * 255)) == SUBJECT_LENGTH == 255


@pytest.mark.parametrize("template", [DEFAULT_TEMPLATE, " {{activity_subject}} ", "{{Activity_Subject}}"])
def test_the_default_template_is_two_way_in_any_case(template: str) -> None:
    """P3, AD-9."""
    assert FieldMap(template)["name"].word("Call Ann", closed=False) == "Call Ann"


def test_the_default_template_with_blanks_in_its_braces_is_two_way_too() -> None:
    """P3: `render` takes it for the same token, so the map must as well."""
    assert FieldMap("{{ activity_subject }}")["name"].word("Call Ann", closed=False) == "Call Ann"


def test_another_template_is_one_way_and_travels_only_if_it_names_the_subject() -> None:
    """P3, TS-3, TS-4, AD-8."""
    assert NAMED["name"].word("[Tandem] Call Ann", closed=False) is None
    assert NAMED["name"].send("Call Bob") == "[Tandem] Call Bob"
    assert UNNAMED["name"].word("Logged by Tandem", closed=False) is None
    assert UNNAMED["name"].send("Call Bob") is None


def test_a_new_task_gets_a_subject_even_from_a_template_without_one() -> None:
    assert UNNAMED.to_create(APP) == {**SF, "name": "Logged by Tandem"}
    assert TWO_WAY.to_create(APP) == SF


# --- coming in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [TWO_WAY, NAMED, UNNAMED], ids=["two-way", "named", "fixed"])
@pytest.mark.parametrize("status", ["Not Started", "In Progress", "Completed", "Cancelled"])
@pytest.mark.parametrize("priority", ["Normal", "High", "Low", ""])
@pytest.mark.parametrize("name", ["Call Ann", ""])
def test_whatever_comes_in_is_valid_here_and_agrees_with_what_it_came_from(
    fields: FieldMap, status: str, priority: str, name: str
) -> None:
    """I6 for the first base."""
    shown = version(status=status, priority=priority, name=name, closed=status in ("Completed", "Cancelled"))
    ours = fields.to_import(shown)
    assert set(ours) == set(FIELDS)
    assert ours["status"] == ("done" if shown.closed else "open")
    assert ours["priority"] == ("high" if priority == "High" else "normal")
    assert ours["name"] == (name or NO_SUBJECT)
    assert all(fields.agree(field, ours[field], shown.values[field], closed=shown.closed) for field in FIELDS)
    assert set(checked_fields(ours)) == set(FIELDS)


# --- spelling --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("  Call Ann ", "Call Ann"),
        ("Call\nAnn", "Call Ann"),
        ("Call\r\nAnn", "Call Ann"),
        ("Cafe\u0301", "Café"),
        ("x" * 300, "x" * 255),
        ("x" * 254 + " y", "x" * 254),
    ],
)
def test_how_a_name_is_compared(typed: str, compared: str) -> None:
    assert canonical_name(typed) == compared


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a \n\n", "a"),
        ("  a", "  a"),
        (" \n", ""),
        ("Cafe\u0301", "Cafe\u0301"),
    ],
)
def test_how_details_are_compared(typed: str, compared: str) -> None:
    assert canonical_details(typed) == compared


def test_nothing_and_empty_are_the_same() -> None:
    assert canonical(dict.fromkeys(FIELDS)) == dict.fromkeys(FIELDS, "") == canonical({})


def test_nul_cannot_be_stored_and_is_left_out() -> None:
    assert canonical({**APP, "details": "a\0b"})["details"] == "ab"


def test_half_a_character_cannot_be_stored_and_is_left_out() -> None:
    """A text that somebody cut inside an emoji; JSON carries it, no database keeps it, and no row may stop a poll (I10)."""
    half = canonical({**APP, "name": "Call Ann \ud83d", "details": "\ude00 at nine"})
    assert (half["name"], half["details"]) == ("Call Ann", " at nine")


@settings(max_examples=500, derandomize=True, deadline=None)
@given(TEXT, TEXT)
@example("e\r\u0301", "")
@example("e\0\u0301", "")
def test_the_canonical_form_is_its_own_canonical_form(name: str, details: str) -> None:
    """What was compared once must compare equal when it comes back, or it would be news for ever (I5)."""
    once = canonical({**APP, "name": name, "details": details})
    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once["name"])
    assert "\n" not in once["name"]
    assert len(once["name"]) <= SUBJECT_LENGTH


@settings(max_examples=500, derandomize=True, deadline=None)
@given(TEXT, TEXT)
@example("e\r\u0301", "")
def test_reminders_and_the_sync_spell_the_same_text_the_same(name: str, details: str) -> None:
    """Else a Reminder would never equal the Task that holds it."""
    try:
        stored = checked_fields({"name": name, "details": details})
    except InvalidReminder:
        return
    compared = canonical({**APP, **stored})
    assert (compared["name"], compared["details"]) == (stored["name"], stored["details"])


@settings(max_examples=300, derandomize=True, deadline=None)
@given(TEXT, TEXT)
def test_what_comes_in_from_salesforce_is_stored_as_it_was_compared(name: str, details: str) -> None:
    """An import that the Reminder would spell otherwise would look like a member's edit at once."""
    shown: dict[str, Any] = canonical({**SF, "name": name, "details": details})
    ours = TWO_WAY.to_import(version(**shown))
    try:
        stored = checked_fields({"name": ours["name"], "details": ours["details"]})
    except InvalidReminder as refused:
        pytest.fail(f"a Task that Salesforce holds cannot be stored here: {refused}")
    assert stored == {"name": ours["name"], "details": ours["details"]}


# --- what may not be sent --------------------------------------------------------------------------------------------


def test_values_within_their_lengths_may_be_sent() -> None:
    assert TWO_WAY.problem({**SF, "name": "x" * 255, "details": "x" * 32_000}, None) is None


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "x" * (SUBJECT_LENGTH + 1)}, "NAME_TOO_LONG"),
        ({"details": "x" * (DETAILS_LENGTH + 1)}, "DETAILS_TOO_LONG"),
        ({"due": "tomorrow"}, "INVALID_DATE"),
        ({"due": "20260303"}, "INVALID_DATE"),
        ({"due": "2026-02-30"}, "INVALID_DATE"),
        ({"due": "2026-03-03T00:00:00"}, "INVALID_DATE"),
    ],
)
def test_what_salesforce_would_refuse_is_found_before_anything_is_sent(
    values: dict[str, str], code: str
) -> None:
    problem = TWO_WAY.problem(values, version())
    assert problem is not None
    assert problem.code == code


def test_a_due_date_may_be_taken_away() -> None:
    assert TWO_WAY.problem({"due": ""}, version()) is None


def test_a_series_has_no_due_date_of_its_own() -> None:
    """SF-2: not even to take it away."""
    for due in ("2026-03-03", ""):
        problem = TWO_WAY.problem({"due": due}, version(series=True))
        assert problem is not None
        assert problem.code == "DUE_DATE_ON_SERIES"
    assert TWO_WAY.problem({"details": "x"}, version(series=True)) is None


def test_a_status_that_the_org_does_not_have_is_named() -> None:
    fields = FieldMap(statuses=frozenset({"Open", "Done"}))
    problem = fields.problem({"status": "Completed"}, version())
    assert problem is not None
    assert problem.code == "STATUS_NOT_IN_ORG"
    assert problem.about == "Completed"
    assert fields.problem({"details": "no status in it"}, version()) is None


def test_statuses_that_were_not_read_yet_refuse_nothing() -> None:
    assert FieldMap().problem({"status": "Completed"}, version()) is None
