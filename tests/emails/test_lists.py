"""What a member finds in each folder, what they may do to it with one click, and what fifty thousand emails cost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from tandem.accounts.models import Member
from tandem.emails import services
from tandem.emails.columns import COLUMNS
from tandem.emails.list_views import PAGE
from tandem.emails.lists import FOLDERS
from tandem.emails.models import Email, FollowUp, MailAccount, Recipient, Source
from tandem.reminders.models import Reminder
from tests.emails.conftest import NOW

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def pages(client: Client, member: Member) -> Client:
    client.force_login(member)
    return client


def email(member: Member, subject: str, state: str = "delivered", **more: Any) -> Email:
    """One email of this member's to Jan, as it would be after all that led to its state."""
    at = None if state == "draft" else NOW
    values = {"sender": member.email, "came_by": "composed", "created_at": NOW, "at": at, **more}
    made = Email.objects.create(
        member=member, message_id=f"{subject}@acme.example", subject=subject, state=state, **values
    )
    Recipient.objects.create(email=made, role="to", address="jan@veldkamp.example", name="Jan de Vries")
    return made


def subjects(answer: Any) -> list[str]:
    return re.findall(r'class="name"[^>]*>([^<]*)</a>', answer.content.decode())


def cells(answer: Any) -> dict[str, str]:
    """Column -> what it says, of the first row."""
    row = answer.content.decode().split("<tbody>")[1].split('class="acts"')[0].split("</tr>")[0]
    found = re.findall(r'<td data-label="([^"]*)">(.*?)</td>', row, re.DOTALL)
    return {label: " ".join(re.sub(r"<[^>]*>", "", cell).split()) for label, cell in found}


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


# --- folders, and one click -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "state", "offered"),
    [
        ("delivered", "delivered", ["Archive", "Success"]),
        ("archived", "delivered", ["Put back", "Delete"]),
        ("drafts", "draft", ["Edit", "Delete"]),
        ("scheduled", "scheduled", ["Edit", "Delete"]),
        ("failed", "failed", ["Send again", "Delete"]),
        ("bounced", "bounced", ["Delete", "Send again"]),
        ("spam", "spam", ["Delete", "Send again"]),
        ("in-progress", "sending", []),
    ],
)
def test_cc_5_each_state_offers_at_most_two_quick_actions(
    pages: Client, member: Member, folder: str, state: str, offered: list[str]
) -> None:
    email(member, "Offerte", state, archived_at=NOW if folder == "archived" else None)
    answer = pages.get(f"/emails?folder={folder}")
    assert subjects(answer) == ["Offerte"]
    row = answer.content.decode().split('class="acts"')[1].split("<details")[0].split("</td>")[0]
    assert re.findall(r">([A-Z][^<]*)<span", row) == offered


@pytest.mark.parametrize(
    ("action", "column", "back"),
    [("archive", "archived_at", "unarchive"), ("success", "succeeded_at", "no-success")],
)
def test_cc_5_a_delivered_email_is_archived_or_counted_as_a_success_and_back(
    pages: Client, member: Member, action: str, column: str, back: str
) -> None:
    made = email(member, "Offerte")
    page = pages.post(f"/emails/{made.pk}/{action}", follow=True).content.decode()
    assert f'action="/emails/{made.pk}/{back}"' in page
    assert getattr(Email.objects.get(), column) == NOW
    pages.post(f"/emails/{made.pk}/{back}")
    assert getattr(Email.objects.get(), column) is None


def test_cc_5_a_deleted_email_is_in_no_list_and_comes_back_by_undo(pages: Client, member: Member) -> None:
    made = email(member, "Offerte", archived_at=NOW)
    page = pages.post(f"/emails/{made.pk}/discard", follow=True)
    assert "What Salesforce has of it stays there." in words(page)
    assert all(subjects(pages.get(f"/emails?folder={folder}")) == [] for folder in FOLDERS)
    assert pages.get(f"/emails/{made.pk}").status_code == 404
    assert pages.post(f"/emails/{made.pk}/unarchive").status_code == 404
    pages.post(f"/emails/{made.pk}/restore")
    assert subjects(pages.get("/emails?folder=archived")) == ["Offerte"]


def test_a_deleted_email_that_is_found_elsewhere_again_stays_deleted(
    pages: Client, member: Member, mail: Any
) -> None:
    told = services.told(member, message=mail(), way=Email.Way.SENT_FOLDER)
    services.archive(told)
    services.delete(told)
    assert services.told(member, message=mail(), way=Email.Way.SENT_FOLDER).pk == told.pk
    assert subjects(pages.get("/emails")) == []


def test_what_lies_among_the_delivered_is_archived_before_it_is_deleted(
    pages: Client, member: Member
) -> None:
    made = email(member, "Offerte")
    assert "Nothing was done" in words(pages.post(f"/emails/{made.pk}/discard", follow=True))
    assert Email.objects.get().deleted_at is None


def test_cc_5_what_bounced_is_written_again_for_whom_it_did_not_reach(
    pages: Client, member: Member, account: MailAccount
) -> None:
    made = email(member, "Offerte", "bounced", text="Dag Jan")
    Recipient.objects.create(email=made, role="cc", address="mara@noordzee.example", bounced="unknown user")
    answer = pages.post(f"/emails/{made.pk}/again")
    draft = Email.objects.get(state="draft")
    assert answer["Location"] == f"/emails/{draft.pk}/edit"
    assert (draft.subject, draft.text) == ("Offerte", "Dag Jan")
    assert list(draft.recipients.values_list("role", "address")) == [("to", "mara@noordzee.example")]
    assert made.message_id != draft.message_id
    assert pages.post(f"/emails/{draft.pk}/again").status_code == 404


def test_a_colleague_does_none_of_it(client: Client, member: Member, colleague: Member) -> None:
    made = email(member, "Offerte", "bounced")
    client.force_login(colleague)
    for what in ("archive", "success", "discard", "restore", "again", "task"):
        assert client.post(f"/emails/{made.pk}/{what}").status_code == 404
    assert client.get(f"/emails/{made.pk}/task").status_code == 404


# --- what follows upon it ---------------------------------------------------------------------------------------------


def test_cc_6_a_task_upon_an_email_leads_back_to_it_and_its_day_is_a_column(
    pages: Client, member: Member
) -> None:
    made = email(member, "Offerte")
    assert 'value="Follow up: Offerte"' in pages.get(f"/emails/{made.pk}/task").content.decode()
    typed = {"name": "Ring Jan", "due": "2026-11-26", "priority": "normal", "details": ""}
    assert pages.post(f"/emails/{made.pk}/task", {**typed, "name": " "}).status_code == 422
    pages.post(f"/emails/{made.pk}/task", typed)
    written = Reminder.objects.get()
    assert (written.owner, written.about) == (member, "Jan de Vries")
    assert FollowUp.objects.get().email == made
    assert "Ring Jan" in words(pages.get(f"/emails/{made.pk}"))
    pages.post("/emails/columns/delivered", {"column": ["task_due"]})
    assert "Thu 26 Nov" in words(pages.get("/emails"))


def test_cc_6_a_follow_up_email_begins_with_whom_and_about_what(pages: Client, member: Member) -> None:
    email(member, "50 % & more")
    link = re.search(r'href="(/emails/new\?[^"]*)"', pages.get("/emails").content.decode())
    assert link is not None
    page = pages.get(link[1].replace("&amp;", "&")).content.decode()
    assert 'value="jan@veldkamp.example"' in page
    assert 'value="Re: 50 % &amp; more"' in page


# --- searches, and columns --------------------------------------------------------------------------------------------


@pytest.fixture
def a_year(member: Member) -> None:
    for number, subject in enumerate(("Offerte", "Contract", "Factuur")):
        email(member, subject, at=NOW - timedelta(days=number * 10))
    answered = Email.objects.get(subject="Contract")
    email(member, "Re: Contract", kind="reply", answers=answered, at=NOW)


@pytest.mark.usefixtures("a_year")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Factuur", "Contract", "Offerte"]),
        ("q=CONTR", ["Contract"]),
        ("q=jan+de", ["Factuur", "Contract", "Offerte"]),
        ("q=veldkamp", ["Factuur", "Contract", "Offerte"]),
        ("q=nobody", []),
        ("first=2026-11-13", ["Contract", "Offerte"]),
        ("last=2026-11-13", ["Factuur", "Contract"]),
        ("first=2026-11-13&last=2026-11-13", ["Contract"]),
        ("replied=yes", ["Contract"]),
        ("replied=no", ["Factuur", "Offerte"]),
        ("first=nonsense&last=0001-01-01&replied=perhaps", ["Factuur", "Contract", "Offerte"]),
    ],
)
def test_cc_8_a_folder_is_narrowed_by_words_days_and_answers(
    pages: Client, query: str, found: list[str]
) -> None:
    assert subjects(pages.get(f"/emails?folder=delivered&{query}")) == found


@pytest.mark.parametrize("query", ["folder=nowhere", "before=x", f"before={'9' * 30}"])
def test_an_address_that_nobody_offered_is_not_found(pages: Client, query: str) -> None:
    assert pages.get(f"/emails?{query}").status_code == 404


@pytest.mark.usefixtures("a_year")
def test_cc_7_each_folder_remembers_its_own_columns(pages: Client, member: Member) -> None:
    pages.post("/emails/columns/delivered", {"column": ["address", "channel", "nonsense"]})
    head = re.findall(r'<th scope="col">([^<]*)</th>', pages.get("/emails").content.decode())
    assert head == ["Subject", "Address", "Came by", "Actions"]
    email(member, "Late", "failed", trouble="The server said no.")
    failed = re.findall(r'<th scope="col">([^<]*)</th>', pages.get("/emails?folder=failed").content.decode())
    assert failed == ["Subject", "Person", "State", "When", "Why", "Actions"]
    pages.post("/emails/columns/delivered", {})
    head = re.findall(r'<th scope="col">([^<]*)</th>', pages.get("/emails").content.decode())
    assert head == ["Subject", "Actions"]
    assert pages.post("/emails/columns/nowhere", {}).status_code == 404


def test_cc_7_every_column_that_can_be_chosen_is_filled(pages: Client, member: Member) -> None:
    offer = email(
        member, "Offerte", template_name="Intro", succeeded_at=NOW, changed_at=NOW + timedelta(hours=2)
    )
    Recipient.objects.create(email=offer, role="cc", address="mara@noordzee.example")
    email(member, "Re: Offerte", kind="reply", answers=offer, at=NOW + timedelta(hours=1))
    pages.post("/emails/columns/delivered", {"column": list(COLUMNS)})
    assert cells(pages.get("/emails")) == {
        "Person": "Jan de Vries jan@veldkamp.example, mara@noordzee.example",
        "Name": "Jan de Vries, mara@noordzee.example",
        "Address": "jan@veldkamp.example, mara@noordzee.example",
        "Company": "–",
        "Group email": "2 people",
        "Template": "Intro",
        "State": "Delivered",
        "Salesforce": "Not in Salesforce",
        "When": "23 Nov 10:00",
        "Written": "23 Nov 10:00",
        "Last changed": "23 Nov 12:00",
        "Failed on": "–",
        "Came by": "Written in Tandem",
        "Last reply": "23 Nov 11:00",
        "Task due": "–",
        "Success": "Success",
        "Why": "–",
    }


def test_cc_7_what_a_person_does_to_an_email_changes_it_and_what_workers_note_does_not(
    pages: Client, member: Member, clock: time_machine.Coordinates
) -> None:
    made = email(member, "Offerte")
    clock.shift(60)
    services.looked_at([made.pk])
    assert Email.objects.get().changed_at is None
    services.archive(made)
    assert Email.objects.get().changed_at == NOW + timedelta(minutes=1)
    pages.post("/emails/columns/archived", {"column": ["changed"]})
    assert cells(pages.get("/emails?folder=archived")) == {"Last changed": "23 Nov 10:01"}


def test_cc_7_an_email_failed_on_the_day_it_did_and_no_more_once_it_is_sent_again(
    pages: Client, member: Member, clock: time_machine.Coordinates
) -> None:
    made = email(member, "Offerte", "sending")
    Source.objects.create(email=made, content=b"")
    clock.shift(60)
    services.failed(made, "The server said no.")
    pages.post("/emails/columns/failed", {"column": ["failed", "trouble"]})
    assert cells(pages.get("/emails?folder=failed")) == {
        "Failed on": "23 Nov 10:01",
        "Why": "The server said no.",
    }
    services.retry(made)
    assert Email.objects.get().failed_at is None


def test_cc_8_a_kept_search_of_emails_stands_on_their_page(pages: Client, member: Member) -> None:
    pages.post("/searches/emails", {"name": "Waiting", "query": "?folder=delivered&replied=no"})
    assert (
        'href="/emails?folder=delivered&amp;replied=no">Waiting</a>' in pages.get("/emails").content.decode()
    )


def test_fifty_thousand_emails_take_as_many_queries_as_one_and_a_page_shows_fifty(
    pages: Client, member: Member, django_assert_max_num_queries: Any
) -> None:
    states = ["delivered"] * 7 + ["draft", "failed", "bounced"]
    Email.objects.bulk_create(
        Email(
            member=member,
            message_id=f"{number}@acme.example",
            subject=f"Offerte {number:05}",
            state=states[number % 10],
            archived_at=NOW if number % 100 == 0 else None,
            sender=member.email,
            came_by="composed",
            created_at=NOW,
            at=NOW - timedelta(minutes=number),
        )
        for number in range(50_000)
    )
    first = Email.objects.order_by("pk")[0].pk
    Recipient.objects.bulk_create(
        Recipient(email_id=first + number, role="to", address=f"{number}@veldkamp.example")
        for number in range(50_000)
    )
    # Session, member, the page, whom its emails are for, 2 or 3 counts, columns, kept searches, what was logged and
    # what was copied of them, the connection's notice, how many are held for review, whether keys are on.
    for query in (
        "",
        "?folder=archived",
        "?folder=failed",
        "?q=Offerte+4",
        f"?before={first + 20_000}",
        "?replied=no",
    ):
        with django_assert_max_num_queries(14):
            answer = pages.get(f"/emails{query}")
        assert len(subjects(answer)) == PAGE
    assert "34500" in words(pages.get("/emails"))
