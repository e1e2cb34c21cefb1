"""A member sets up their mail account, writes an email, takes it back; wide and narrow, in English and Dutch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from playwright.sync_api import Page, expect

from tandem.accounts.models import Member
from tandem.emails import accounts, sending, services, templates_of
from tandem.emails.mime import Attachment, files, parse
from tandem.emails.models import Email, MailAccount
from tandem.emails.values import checked
from tests.postgresql import free_port
from tests.web.test_the_look import assert_calm, both_languages, both_widths, narrow_or_wide

__all__ = ["narrow_or_wide"]


class Catcher:
    """A mail server that takes everything."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        self.taken.append(envelope)
        return "250 OK"


@pytest.fixture
def catcher() -> Iterator[tuple[Catcher, int]]:
    """…on a port of this machine."""
    taking, port = Catcher(), free_port()
    server = Controller(taking, hostname="127.0.0.1", port=port)
    server.start()
    yield taking, port
    server.stop()


@pytest.fixture
def account(anna: Member, catcher: tuple[Catcher, int]) -> MailAccount:
    """Anna's mail account at that server."""
    return accounts.save_account(
        anna,
        {
            "address": "anna@acme.example",
            "name": "Anna Bos",
            "smtp_host": "127.0.0.1",
            "smtp_port": catcher[1],
            "smtp_security": "none",
            "username": "anna",
        },
    )


def write(page: Page, **typed: str) -> None:
    for field, text in typed.items():
        page.locator(f"#id_{field}").fill(text)


def test_anna_sets_up_her_mail_account_and_tries_it(
    enter: Callable[[], Page], catcher: tuple[Catcher, int]
) -> None:
    page = enter()
    page.get_by_role("link", name="Emails").click()
    page.get_by_role("link", name="New email").click()
    expect(page.get_by_text("There is no mail account to send through yet.")).to_be_visible()
    page.get_by_role("link", name="Set up your mail account").click()
    write(page, smtp_host="127.0.0.1", smtp_port=str(catcher[1]))
    page.locator("#id_smtp_security").select_option("none")
    page.locator("#save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#tried")).to_contain_text("127.0.0.1 lets you in.")
    MailAccount.objects.update(smtp_port=free_port())
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#tried")).to_contain_text("Nobody listens at 127.0.0.1")


@pytest.mark.usefixtures("account")
def test_an_email_is_written_taken_back_and_sent(
    enter: Callable[[], Page], anna: Member, catcher: tuple[Catcher, int]
) -> None:
    templates_of.save_template(
        anna, None, name="Demo", subject="Demo for {{first_name}}", text="Dear {{first_name}}", shared=False
    )
    page = enter()
    page.get_by_role("link", name="Emails").click()
    page.get_by_role("link", name="New email").click()
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#id_subject")).to_have_value("Demo for {{first_name}}")
    write(page, to="Jan de Vries <jan@veldkamp.example>", bcc="boss@acme.example")
    page.locator("#id_attachments").set_input_files(
        [{"name": "prijs€.txt", "mimeType": "text/plain", "buffer": b"12"}]
    )
    page.locator("#send").click()
    expect(page.get_by_role("status")).to_contain_text("“Demo for Jan” goes out in ten seconds.")
    email = Email.objects.get()
    assert (email.state, email.template_name) == ("sending", "Demo")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back")
    expect(page.locator("#id_subject")).to_have_value("Demo for Jan")
    expect(page.get_by_label("prijs€.txt")).to_be_checked()
    write(page, subject="Demo, Jan?")
    page.locator("#send").click()
    expect(page.get_by_role("status")).to_contain_text("“Demo, Jan?” goes out")
    Email.objects.update(not_before=email.created_at)
    sending.send(email.pk)
    (envelope,) = catcher[0].taken
    assert envelope.rcpt_tos == ["jan@veldkamp.example", "boss@acme.example"]
    content = bytes(envelope.original_content or b"")
    assert (parse(content).subject, parse(content).text.strip()) == ("Demo, Jan?", "Dear Jan")
    assert b"boss@" not in content
    assert files(content) == [Attachment("prijs€.txt", b"12")]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("It is too late")


@pytest.mark.usefixtures("account")
def test_what_cannot_be_sent_says_why_and_keeps_what_was_typed(
    enter: Callable[[], Page], console: list[str]
) -> None:
    page = enter()
    page.get_by_role("link", name="Emails").click()
    page.get_by_role("link", name="New email").click()
    write(page, to="jan", subject="Hi {{nickname}}", text="A long text")
    page.locator("#send").click()
    expect(page.locator("#id_to_error")).to_contain_text("“jan” is not an email address")
    expect(page.locator("#id_subject_error")).to_contain_text("There is no field {{nickname}}")
    expect(page.locator("#id_text")).to_have_value("A long text")
    assert not Email.objects.exists()
    write(page, to="jan@veldkamp.example", subject="Hi {{first_name}}")
    page.locator("#send").click()
    expect(page.locator("#id_subject_error")).to_contain_text("{{first_name}} is not known for jan@veldkamp")
    assert Email.objects.get().state == "draft"
    console.clear()


@both_widths
@both_languages
@pytest.mark.usefixtures("narrow_or_wide")
def test_the_pages_of_email(
    enter: Callable[[], Page],
    anna: Member,
    account: MailAccount,
    console: list[str],
    settings: Any,
    width: int,
) -> None:
    settings.RELAY_PORT = "2587"
    draft = services.draft(
        anna,
        checked(
            to="Jan <jan@veldkamp.example>",
            subject="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
            attachments=[Attachment("voorstel.pdf", b"%PDF")],
        ),
    )
    services.send_soon(services.draft(anna, checked(to="jan@veldkamp.example", subject="Soon")))
    templates_of.save_template(anna, None, name="Demo", subject="Demo", text="Dear", shared=True)
    page = enter()
    page.goto(re.sub(r"/[^/]*$", "", page.url) + "/emails/new")
    assert_calm(page, width)
    page.locator("#send").click()
    expect(page.locator("#id_to_error")).to_be_visible()
    assert_calm(page, width)
    console.clear()
    root = page.url.removesuffix("/emails/new")
    page.goto(f"{root}/emails/{draft.pk}/edit")
    assert_calm(page, width)
    page.goto(f"{root}/settings/email")
    page.locator("#password-name").fill("Outlook")
    page.locator("#relay button").last.click()
    expect(page.locator("#new-password")).to_be_visible()
    page.locator("summary").click()
    assert_calm(page, width)
    MailAccount.objects.update(smtp_port=free_port(), trouble="535 5.7.8 no")
    page.goto(f"{root}/settings/email")
    page.locator("#tried + section")
    page.locator("form[hx-target='#tried'] button").click()
    expect(page.locator("#tried li")).to_be_visible()
    assert_calm(page, width)
    for path in ("templates", "templates/new"):
        page.goto(f"{root}/settings/email/{path}")
        assert_calm(page, width)
