"""Who may come in, and how."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from tandem.accounts import services
from tandem.accounts.models import Member

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(MONDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def password(member: Any) -> str:
    """Anna's."""
    member.set_password("correct horse")
    member.save()
    return "correct horse"


def enter(token: str) -> int:
    """The status of following a sign-in link in a new browser."""
    return Client().get(f"/sign-in/{token}").status_code


def test_a_member_signs_in_with_email_and_password_however_the_email_is_written(password: str) -> None:
    client = Client()
    answer = client.post("/sign-in", {"login": " Anna@ACME.example", "password": password})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


def test_a_wrong_password_does_not_tell_whether_the_email_exists(password: str) -> None:
    answers = [
        Client().post("/sign-in", {"login": email, "password": "wrong"}).content.decode()
        for email in ("anna@acme.example", "nobody@acme.example")
    ]
    assert all("do not belong together. You are not signed in." in answer for answer in answers)


def test_signing_out_closes_the_door(member: Any) -> None:
    client = Client()
    client.force_login(member)
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert client.get("/").status_code == 302


def test_a_sign_in_link_works_once(member: Any) -> None:
    token = services.sign_in_token(member)
    assert enter(token) == 302
    assert enter(token) == 410


def test_a_sign_in_link_works_for_fifteen_minutes(member: Any, clock: Any) -> None:
    token = services.sign_in_token(member)
    clock.shift(timedelta(minutes=15, seconds=1))
    assert enter(token) == 410


def test_a_sign_in_link_opens_the_members_page(member: Any) -> None:
    client = Client()
    answer = client.get(f"/sign-in/{services.sign_in_token(member)}", follow=True)
    assert "Command Center" in answer.content.decode()


def test_a_token_made_for_another_purpose_opens_nothing(member: Any) -> None:
    assert enter(signing.dumps([member.pk, ""], salt="something else")) == 410


def test_a_forged_or_broken_token_opens_nothing(member: Any) -> None:
    token = services.sign_in_token(member)
    assert enter(token[:-1] + ("A" if token[-1] != "A" else "B")) == 410
    assert enter("nonsense") == 410


def test_a_link_of_a_member_who_left_opens_nothing(member: Any, colleague: Any) -> None:
    token = services.sign_in_token(colleague)
    services.deactivate(member, colleague)
    assert enter(token) == 410


# --- who a member is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"language": "fr"}, "language"),
        ({"role": "owner"}, "role"),
        ({"email": "no address"}, "email"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "password"),
    ],
)
def test_a_member_who_cannot_be_is_refused_with_a_sentence(
    db: None, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        services.create_member(**{"email": "new@acme.example", "name": "New", **wrong})  # type: ignore[arg-type]
    assert list(refused.value.message_dict) == [field]
    assert not Member.objects.exists()


def test_two_members_cannot_share_an_email_in_another_spelling(member: Any) -> None:
    with pytest.raises(ValidationError):
        services.create_member(email="ANNA@acme.example", name="Another Anna")


@pytest.mark.parametrize(
    "column", [{"role": "owner"}, {"language": "fr"}, {"email": "Anna@acme.example"}, {"email": ""}]
)
def test_the_database_itself_refuses_a_member_who_cannot_be(member: Any, column: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=member.pk).update(**column)


def test_a_member_without_a_password_cannot_use_one(colleague: Any) -> None:
    assert Client().post("/sign-in", {"login": colleague.email, "password": ""}).status_code == 200
    assert not colleague.has_usable_password()
