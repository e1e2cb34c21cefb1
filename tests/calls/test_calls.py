"""Logging a call: what is kept, what is refused with which words, and who sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tandem import clock, jobs
from tandem.accounts.models import Member
from tandem.calls import services
from tandem.calls.errors import AdminsOnly, InvalidCall, InvalidWords, KeyTaken
from tandem.calls.models import Call, WordList
from tandem.calls.values import CallValues, checked, whom

pytestmark = pytest.mark.django_db
JAN = "jan@veldkamp.example"


def call(**told: Any) -> CallValues:
    return checked(clock.now(), **{"at": None, "address": JAN, **told})


def refusal(**told: Any) -> dict[str, str]:
    with pytest.raises(InvalidCall) as invalid:
        call(**told)
    return {field: str(sentence) for field, sentence in invalid.value.sentences.items()}


def test_a_call_is_kept_as_it_was_told_and_whoever_logs_is_woken(
    member: Member, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(jobs, "wake", lambda name, id: woken.append((name, id)))
    with django_capture_on_commit_callbacks(execute=True):
        kept = services.log_call(
            member, call(name="Jan  de Vries", outcome="Connected", notes="Wants a demo.\r\n")
        )
    assert (kept.address, kept.name, kept.outcome, kept.notes) == (
        JAN,
        "Jan de Vries",
        "Connected",
        "Wants a demo.",
    )
    assert (kept.subject, kept.news) == ("Call with Jan de Vries", True)
    assert woken == [("activity-finished", member.pk)]


def test_a_wake_that_fails_loses_no_call(
    member: Member, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def broken(id: int) -> None:
        raise RuntimeError

    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.register("activity-finished", broken)
    with django_capture_on_commit_callbacks(execute=True):
        services.log_call(member, call())
    assert Call.objects.count() == 1


def test_a_call_is_with_somebody() -> None:
    assert "It is not said whom the call was with" in refusal(address="")["address"]
    assert call(address="", record="00Q000000000001AAA").record == "00Q000000000001AAA"


@pytest.mark.parametrize(
    "field, told",
    [
        ("address", "jan at veldkamp"),
        ("address", "a" * 250 + "@veldkamp.example"),
        ("record", "001000000000001AAA"),  # an account: nobody to call
        ("name", "x" * 256),
        ("name", "half a character \ud800"),
        ("subject", "x" * 256),
        ("notes", "x" * 32_001),
        ("notes", "nothing\0"),
        ("outcome", "x" * 51),
        ("reason", "x" * 51),
        ("seconds", -1),
        ("seconds", 86_401),
    ],
)
def test_what_cannot_stay_as_it_is_says_so_at_its_field(field: str, told: Any) -> None:
    said = refusal(**{field: told})
    assert list(said) == [field]
    assert "Nothing was saved." in said[field]


@pytest.mark.parametrize("off", [timedelta(minutes=6), -timedelta(days=365 * 30)])
def test_a_call_lies_in_the_past_but_not_before_there_were_such_calls(off: timedelta) -> None:
    assert "has been made" in refusal(at=clock.now() + off)["at"]


def test_another_tools_clock_may_be_a_little_ahead() -> None:
    at = clock.now() + timedelta(minutes=4)
    assert call(at=at).at == at


@pytest.mark.parametrize(
    "typed, means",
    [
        (JAN, {"address": JAN}),
        ("003000000000001AAA", {"record": "003000000000001AAA"}),
        (
            "https://acme.lightning.force.com/lightning/r/Lead/00Q000000000001AAA/view",
            {"record": "00Q000000000001AAA"},
        ),
        ("https://acme.example/001000000000001AAA", {"address": "https://acme.example/001000000000001AAA"}),
    ],
)
def test_whom_is_an_address_or_a_link_from_salesforce(typed: str, means: dict[str, str]) -> None:
    assert whom(typed) == means


# --- told twice -------------------------------------------------------------------------------------------------------


def test_a_call_told_twice_with_one_key_is_one_call(member: Member) -> None:
    values = call()
    first = services.log_call(member, values, "dialer-1")
    assert services.log_call(member, values, "dialer-1") == first
    assert Call.objects.count() == 1


def test_a_key_that_names_another_call_already_is_refused_and_that_call_stays(member: Member) -> None:
    values = call(notes="first")
    services.log_call(member, values, "dialer-1")
    with pytest.raises(KeyTaken):
        services.log_call(member, call(notes="second"), "dialer-1")
    assert Call.objects.get().notes == "first"


def test_keys_are_each_members_own(member: Member, colleague: Member) -> None:
    mine = services.log_call(member, call(), "1")
    theirs = services.log_call(colleague, call(), "1")
    assert mine != theirs
    assert services.told_before(colleague, "1") == theirs


def test_whoever_logs_can_say_that_it_has_looked(member: Member) -> None:
    first, second = services.log_call(member, call()), services.log_call(member, call())
    services.looked_at([first.pk])
    assert list(Call.objects.filter(news=True)) == [second]


# --- the team's lists -------------------------------------------------------------------------------------------------


def test_a_team_begins_with_lists_that_make_sense_and_an_admin_changes_them(member: Member) -> None:
    assert "Left a voicemail" in services.words(WordList.Kind.OUTCOMES)
    assert "Renewal" in services.words(WordList.Kind.REASONS)
    services.save_words(member, WordList.Kind.OUTCOMES, "Gesproken\n\n Voicemail \nGesproken\n")
    assert services.words(WordList.Kind.OUTCOMES) == ["Gesproken", "Voicemail"]
    assert "Renewal" in services.words(WordList.Kind.REASONS)


@pytest.mark.parametrize("lines", ["", " \n ", "\n".join(str(n) for n in range(16)), "x" * 51, "half \ud800"])
def test_a_list_that_cannot_stay_as_it_is_says_why_and_the_old_one_holds(member: Member, lines: str) -> None:
    with pytest.raises(InvalidWords) as invalid:
        services.save_words(member, WordList.Kind.OUTCOMES, lines)
    assert "Nothing was saved." in str(invalid.value.sentence)
    assert not WordList.objects.exists()


def test_fifteen_outcomes_are_not_too_many(member: Member) -> None:
    assert (
        len(services.save_words(member, WordList.Kind.OUTCOMES, "\n".join(str(n) for n in range(15)))) == 15
    )


def test_only_an_admin_changes_the_lists(colleague: Member, client: Client) -> None:
    with pytest.raises(AdminsOnly):
        services.save_words(colleague, WordList.Kind.REASONS, "Mine")
    client.force_login(colleague)
    assert client.get("/settings/calls").status_code == 403
    assert client.post("/settings/calls", {"list": "reasons", "reasons-words": "Mine"}).status_code == 403


# --- the pages --------------------------------------------------------------------------------------------------------


def test_a_member_sees_their_own_calls_only(member: Member, colleague: Member, client: Client) -> None:
    services.log_call(member, call(name="Jan"))
    services.log_call(colleague, call(name="Piet"))
    client.force_login(colleague)
    page = client.get("/calls").content.decode()
    assert "Call with Piet" in page
    assert "Call with Jan" not in page


def test_a_form_with_something_to_mend_keeps_what_was_typed(member: Member, client: Client) -> None:
    client.force_login(member)
    answer = client.post(
        "/calls/new", {"whom": "jan", "notes": "Ring back\non Monday", "minutes": "x", "at": ""}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "neither an email address nor the link" in page or "not a whole number" in page
    assert "Ring back" in page
    assert not Call.objects.exists()


def test_a_time_is_the_members_own(member: Member, client: Client) -> None:
    client.force_login(member)  # in Amsterdam
    client.post("/calls/new", {"whom": JAN, "at": "2026-01-15T10:30", "minutes": "5", "log": "on"})
    kept = Call.objects.get()
    assert (kept.at.hour, kept.at.minute, kept.seconds, kept.log) == (9, 30, 300, True)


def test_a_long_list_goes_on_behind_its_last_row(member: Member, client: Client) -> None:
    for n in range(51):
        services.log_call(member, call(name=f"Jan {n}"))
    client.force_login(member)
    first = client.get("/calls")
    assert first.context["more"] is not None
    second = client.get(f"/calls?before={first.context['more']}")
    assert [each.name for each in second.context["calls"]] == ["Jan 0"]
    assert client.get("/calls?before=x").status_code == 404
    assert client.get(f"/calls?before={'9' * 30}").status_code == 404
