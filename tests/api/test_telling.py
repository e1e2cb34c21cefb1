"""Other tools tell of emails and calls: once each, whole or not at all, and only what they may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tandem import clock
from tandem.accounts.models import Member
from tandem.accounts.services import deactivate, reactivate
from tandem.api import services
from tandem.api.models import Token
from tandem.calls.models import Call
from tandem.emails.models import Email, Recipient
from tandem.people.models import Ignored
from tests.api.conftest import MESSAGE, Ask, call, email

pytestmark = pytest.mark.django_db
Tool = Callable[..., Ask]


def problem(answer: Any, slug: str) -> dict[str, Any]:
    """The problem that was answered; it must be this one, and say all that a problem says."""
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"/api/v1/#problem-{slug}"
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    assert body["your_data"]
    assert body["what_to_do"]
    return dict(body)


# --- emails -----------------------------------------------------------------------------------------------------------


def test_an_email_is_told_as_a_whole_message(tool: Tool, member: Member) -> None:
    answer = tool(member)("POST", "/emails", MESSAGE, "message/rfc822")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["subject"], told["state"], told["came_by"]) == ("Café offerte", "delivered", "api")
    assert [one["address"] for one in told["recipients"]] == ["jan@veldkamp.example", "piet@veldkamp.example"]
    assert told["at"] == "2026-11-23T09:00:00Z"
    assert told["salesforce"]["verdict"] == "not-looked-at"
    kept = Email.objects.get()
    assert (kept.member, kept.news, kept.text.strip()) == (member, True, "Dag Jan,")


def test_an_email_told_field_by_field_is_the_same_email(tool: Tool, member: Member) -> None:
    ask = tool(member)
    whole = ask("POST", "/emails", MESSAGE, "message/rfc822").json()
    again = ask("POST", "/emails", email())
    assert again.status_code == 200
    assert again.json() == whole
    assert Email.objects.count() == 1
    Email.objects.all().delete()
    by_fields = ask("POST", "/emails", email())
    assert by_fields.status_code == 201
    assert {**by_fields.json(), "id": whole["id"]} == whole


@pytest.mark.parametrize("way", ["query", "field"])
def test_an_email_can_be_kept_out_of_salesforce(tool: Tool, member: Member, way: str) -> None:
    if way == "query":
        answer = tool(member)("POST", "/emails?log=false", MESSAGE, "message/rfc822")
    else:
        answer = tool(member)("POST", "/emails", email(log=False))
    assert answer.json()["log"] is False
    assert answer.json()["salesforce"]["why"] == ["Its writer said: do not log this one."]


def test_a_colleagues_message_is_not_shown_and_not_stored_twice(
    tool: Tool, member: Member, colleague: Member
) -> None:
    tool(member)("POST", "/emails", MESSAGE, "message/rfc822")
    answer = tool(colleague)("POST", "/emails", email(subject="Mine"))
    assert answer.status_code == 409
    assert "Café" not in str(problem(answer, "message-taken"))
    assert Email.objects.get().member == member


@pytest.mark.parametrize(
    "body, kind, status, slug",
    [
        (b"hello", "message/rfc822", 422, "invalid"),
        (b"\r\n", "message/rfc822", 422, "invalid"),
        (b"{", "application/json", 400, "malformed"),
        (b"\xff\xfe", "application/json", 400, "malformed"),
        (b"[]", "application/json", 422, "invalid"),
        (b"<xml/>", "text/xml", 415, "media-type"),
        (email(sender={"address": "anna"}), "application/json", 422, "invalid"),
        (email(subject="two\nlines"), "application/json", 422, "invalid"),
        (email(message_id="with blanks in it"), "application/json", 422, "invalid"),
        (email(text="nothing\0"), "application/json", 422, "invalid"),
        (email(at="yesterday"), "application/json", 422, "invalid"),
        (email(at="2026-11-23T10:00:00"), "application/json", 422, "invalid"),
        (email(at="0001-01-01T00:00:00+14:00"), "application/json", 422, "invalid"),
        (email(at="9999-12-31T23:59:59-14:00"), "application/json", 422, "invalid"),
        (email(at="1999-12-31T23:59:59Z"), "application/json", 422, "invalid"),
        (email(log="yes"), "application/json", 422, "invalid"),
        (email(colour="red"), "application/json", 422, "invalid"),
    ],
)
def test_what_is_no_email_is_refused_whole(
    tool: Tool, member: Member, body: Any, kind: str, status: int, slug: str
) -> None:
    answer = tool(member)("POST", "/emails", body, kind)
    assert answer.status_code == status
    assert problem(answer, slug)["your_data"] == "Nothing was stored."
    assert not Email.objects.exists()
    assert not Recipient.objects.exists()


def test_an_address_that_is_named_twice_by_two_names_is_one_recipient(tool: Tool, member: Member) -> None:
    to = [{"address": "Jan@veldkamp.example"}, {"address": "jan@veldkamp.example", "name": "Jan"}]
    answer = tool(member)("POST", "/emails", email(to=to, cc=[]))
    assert answer.status_code == 201
    assert [(one["address"], one["name"]) for one in answer.json()["recipients"]] == [
        ("jan@veldkamp.example", "Jan")
    ]


def test_a_field_that_is_wrong_is_named(tool: Tool, member: Member) -> None:
    answer = tool(member)(
        "POST", "/emails", email(to=[{"address": "jan@veldkamp.example"}, {"address": "piet"}])
    )
    assert [error["field"] for error in problem(answer, "invalid")["errors"]] == ["to.1.address"]


def test_a_message_larger_than_25_mb_is_refused_without_being_read_to_its_end(
    tool: Tool, member: Member
) -> None:
    answer = tool(member)("POST", "/emails", MESSAGE + b"x" * 25_000_000, "message/rfc822")
    assert answer.status_code == 413
    problem(answer, "too-large")
    assert not Email.objects.exists()
    assert tool(member)("POST", "/calls", b" " * 2_000_001).status_code == 413


def test_a_message_of_20_mb_is_taken(tool: Tool, member: Member) -> None:
    assert (
        tool(member)("POST", "/emails", MESSAGE + b"word " * 4_000_000, "message/rfc822").status_code == 201
    )


# --- calls ------------------------------------------------------------------------------------------------------------


def test_a_call_is_told_once_however_often(tool: Tool, member: Member) -> None:
    ask = tool(member)
    told = call(outcome="Connected", reason="Renewal", seconds=90, notes="Wants a demo")
    first = ask("POST", "/calls", told)
    assert first.status_code == 201
    assert (first.json()["key"], first.json()["subject"]) == ("dialer-1", "Call with jan@veldkamp.example")
    again = ask("POST", "/calls", told)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert Call.objects.count() == 1


def test_a_key_with_other_words_is_refused(tool: Tool, member: Member) -> None:
    ask = tool(member)
    ask("POST", "/calls", call(notes="first"))
    answer = ask("POST", "/calls", call(notes="second"))
    assert answer.status_code == 409
    assert problem(answer, "key-taken")["your_data"].startswith("The call that was told first is as it was")
    assert Call.objects.get().notes == "first"


def test_a_call_with_a_record_needs_no_address(tool: Tool, member: Member) -> None:
    told = call(record="00Q000000000001AAA")
    del told["address"]
    assert tool(member)("POST", "/calls", told).json()["record"] == "00Q000000000001AAA"


@pytest.mark.parametrize(
    "other, field",
    [
        ({"address": None}, "address"),
        ({"at": "2999-01-01T00:00:00Z"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"key": ""}, "key"),
        ({"seconds": "90"}, "seconds"),
        ({"seconds": 1e400}, None),
        ({"record": "001000000000001AAA"}, "record"),
    ],
)
def test_what_is_no_call_is_refused_whole(
    tool: Tool, member: Member, other: dict[str, Any], field: str | None
) -> None:
    answer = tool(member)("POST", "/calls", call(**other))
    assert answer.status_code in (400, 422)
    if field:
        assert [error["field"] for error in problem(answer, "invalid")["errors"]] == [field]
    assert not Call.objects.exists()


# --- people -----------------------------------------------------------------------------------------------------------


def test_an_address_or_a_domain_is_ignored_from_now_on(tool: Tool, member: Member) -> None:
    ask = tool(member)
    assert (
        ask("POST", "/people/ignored", {"pattern": "Veldkamp.example"}).json()["pattern"]
        == "veldkamp.example"
    )
    assert ask("POST", "/people/ignored", {"pattern": "veldkamp.example"}).status_code == 200
    assert Ignored.objects.count() == 1
    answer = ask("POST", "/people/ignored", {"pattern": "not a domain"})
    assert answer.status_code == 422
    problem(answer, "invalid")


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_a_list_is_read_page_by_page_and_nobody_elses_rows_are_in_it(
    tool: Tool, member: Member, colleague: Member
) -> None:
    ask, other = tool(member), tool(colleague)
    for n in range(5):
        assert ask("POST", "/calls", call(key=str(n))).status_code == 201
        assert ask("POST", "/emails", email(message_id=f"{n}@acme.example")).status_code == 201
    other("POST", "/calls", call(key="0"))
    for what, name in (("calls", "key"), ("emails", "message_id")):
        seen, cursor = [], ""
        while True:
            page = ask("GET", f"/{what}?limit=2{cursor}").json()
            seen += [one[name] for one in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert [one[0] for one in seen] == ["4", "3", "2", "1", "0"]
    assert len(other("GET", "/calls").json()["items"]) == 1
    assert other("GET", "/emails").json() == {"items": [], "next": None}


def test_a_list_of_emails_leaves_out_what_was_deleted_here(tool: Tool, member: Member) -> None:
    ask = tool(member)
    ask("POST", "/emails", email())
    Email.objects.update(deleted_at=clock.now())
    assert ask("GET", "/emails").json()["items"] == []


def test_a_list_of_emails_can_be_narrowed_to_one_state(tool: Tool, member: Member) -> None:
    ask = tool(member)
    ask("POST", "/emails", email())
    assert len(ask("GET", "/emails?state=delivered").json()["items"]) == 1
    assert ask("GET", "/emails?state=bounced").json()["items"] == []
    assert ask("GET", "/emails?state=lost").status_code == 422


@pytest.mark.parametrize("cursor", ["x", "0", "-1", "MQ==", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "LTE", "MDE"])
def test_a_cursor_that_was_not_given_is_refused(tool: Tool, member: Member, cursor: str) -> None:
    answer = tool(member)("GET", f"/emails?cursor={cursor}")
    assert answer.status_code == 422
    problem(answer, "invalid")


def test_somebody_elses_email_is_not_there(tool: Tool, member: Member, colleague: Member) -> None:
    told = tool(member)("POST", "/emails", email()).json()
    assert tool(member)("GET", f"/emails/{told['id']}").json() == told
    problem(tool(colleague)("GET", f"/emails/{told['id']}"), "not-found")
    assert tool(member)("GET", f"/emails/{2**63}").status_code == 422


def test_a_list_asks_the_database_as_often_for_fifty_rows_as_for_one(
    tool: Tool, member: Member, django_assert_num_queries: Any
) -> None:
    ask = tool(member)
    for n in range(50):
        ask("POST", "/emails", email(message_id=f"{n}@acme.example"))
    for limit in (1, 50):
        # Is anybody a member yet, the token, its count, the emails, their people, what was decided
        # about them, and their copies by BCC.
        with django_assert_num_queries(7):
            assert len(ask("GET", f"/emails?limit={limit}").json()["items"]) == limit


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer ", "Bearer tandem_wrong", "Basic YTpi", "Bearer \ud8ff"]
)
def test_without_a_token_in_force_nothing_is_told(member: Member, header: str | None) -> None:
    headers: dict[str, Any] = {} if header is None else {"HTTP_AUTHORIZATION": header}
    answer = Client().post("/api/v1/calls", call(), "application/json", **headers)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    problem(answer, "token")
    assert not Call.objects.exists()


def test_being_signed_in_to_the_pages_opens_nothing_here(member: Member) -> None:
    client = Client()
    client.force_login(member)
    assert client.get("/api/v1/calls").status_code == 401


def test_a_token_is_kept_as_a_fingerprint_only(member: Member) -> None:
    made = services.make_token(member, "dialer")
    assert made.secret not in str(Token.objects.values().get())
    assert made.secret.startswith(made.token.begins)
    assert len(made.secret) > 2 * len(made.token.begins)


def test_a_revoked_token_opens_nothing(member: Member, colleague: Member) -> None:
    made = services.make_token(member, "dialer")
    with pytest.raises(services.NotYours):
        services.revoke(colleague, made.token.pk)
    assert services.member_of(made.secret) == member
    services.revoke(member, made.token.pk)
    with pytest.raises(services.NotAccepted):
        services.member_of(made.secret)


def test_a_closed_account_is_spoken_for_by_no_token(tool: Tool, member: Member, colleague: Member) -> None:
    own, team = tool(colleague), tool(member, team=True)
    deactivate(member, colleague)
    assert own("GET", "/calls").status_code == 401
    problem(team("POST", "/calls", call(), tandem_member="ben@acme.example"), "no-such-member")
    reactivate(member, colleague)
    assert own("GET", "/calls").status_code == 200


def test_a_token_says_when_it_was_last_used(tool: Tool, member: Member) -> None:
    ask = tool(member)
    assert Token.objects.get().last_used_at is None
    ask("GET", "/calls")
    assert Token.objects.get().last_used_at is not None


def test_a_team_token_speaks_for_the_member_it_names(tool: Tool, member: Member, colleague: Member) -> None:
    ask = tool(member, team=True)
    assert ask("POST", "/calls", call(), tandem_member="Ben@acme.example").status_code == 201
    assert Call.objects.get().member == colleague
    problem(ask("POST", "/calls", call()), "member-not-named")
    assert ask("POST", "/calls", call(), tandem_member="nobody@acme.example").status_code == 403


def test_a_members_own_token_speaks_for_nobody_else(tool: Tool, member: Member, colleague: Member) -> None:
    ask = tool(colleague)
    assert ask("GET", "/calls", tandem_member="ben@acme.example").status_code == 200
    problem(ask("GET", "/calls", tandem_member="anna@acme.example"), "no-such-member")


def test_only_an_admin_makes_a_team_token(colleague: Member) -> None:
    with pytest.raises(services.NotYours):
        services.make_token(colleague, "mine", team=True)


def test_a_tool_that_asks_too_often_is_told_when_to_come_again(
    tool: Tool, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began)
    monkeypatch.setattr(services, "LIMIT", 3)
    ask, other = tool(member), tool(member)
    assert [ask("GET", "/calls").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ask("POST", "/calls", call())
    problem(refused, "too-many-requests")
    assert int(refused["Retry-After"]) == 61
    assert not Call.objects.exists()
    assert other("GET", "/calls").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=61))
    assert ask("GET", "/calls").status_code == 200


# --- what every address does ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/nothing", "/emails/1/text", "/emails/x/y"])
def test_an_address_that_is_not_there_says_so_as_a_problem(member: Member, path: str) -> None:
    answer = Client().get(f"/api/v2{path}")
    assert answer.status_code == 404
    problem(answer, "not-found")


def test_a_method_that_is_not_taken_says_which_are(tool: Tool, member: Member) -> None:
    answer = tool(member)("DELETE", "/calls")
    assert answer.status_code == 405
    problem(answer, "method")
    assert set(answer["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}


def test_something_that_breaks_here_is_told_as_a_problem_and_stores_nothing(
    tool: Tool, member: Member, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("tandem.calls.services._new", broken)
    answer = tool(member)("POST", "/calls", call())
    assert answer.status_code == 500
    assert "disk" not in str(problem(answer, "broken"))
    assert "the disk is full" in caplog.text
    assert not Call.objects.exists()


def test_the_api_speaks_english_whatever_the_caller_reads(tool: Tool, member: Member) -> None:
    member.language = "nl"
    member.save()
    with translation.override("en"):  # what a request sets stays set in its thread, here the test's own
        answer = tool(member)("POST", "/calls", call(at="2999-01-01T00:00:00Z"), accept_language="nl")
    assert "A call is logged once it has been made." in problem(answer, "invalid")["errors"][0]["sentence"]
