"""My Account › Email: the mail account, “Try it”, passwords for the relay, templates.

Everything here is the member's own, which no address names but for passwords and templates; those of others are not there.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tandem.accounts.requests import MemberRequest
from tandem.emails import accounts, templates_of
from tandem.emails.errors import InvalidDraft
from tandem.emails.forms import MailAccountForm, TemplateForm
from tandem.emails.merging import FIELDS
from tandem.emails.models import MailAccount, RelayPassword, Template

_SHOWN = [
    "address", "name", "smtp_host", "smtp_port", "smtp_security", "imap_host", "imap_port", "imap_security",
    "watch_sent", "username", "sign_in", "token_url", "client_id",
]  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def mail_account(request: MemberRequest) -> HttpResponse:
    """The page as a whole, and its Save."""
    account = MailAccount.objects.filter(member=request.user).first()
    if request.method == "GET":
        return _page(request, _form(request, account), account)
    form = MailAccountForm(account, request.POST)
    if form.is_valid():
        try:
            accounts.save_account(request.user, form.cleaned_data)
        except InvalidDraft as invalid:
            form.explain(invalid.sentences)
        else:
            return _done(request, _("Saved. Try it, to see whether the servers let you in."))
    return _page(request, form, account, status=422)


@never_cache
@require_POST
def try_account(request: MemberRequest) -> HttpResponse:
    """Connects with what is saved, and says how it went."""
    account = MailAccount.objects.filter(member=request.user).first()
    if account is None:
        return redirect("mail-account")
    lines = accounts.try_it(account)
    if request.htmx:
        return render(request, "emails/tried.html", {"lines": lines})
    return _page(request, _form(request, account), account, lines=lines)


@require_POST
def forget_account(request: MemberRequest) -> HttpResponse:
    """Forgets servers and secrets; emails stay."""
    accounts.forget_account(request.user)
    return _done(request, _("The mail account and its password are forgotten. Your emails stay."))


@never_cache
@require_POST
def make_password(request: MemberRequest) -> HttpResponse:
    """Shows a new relay password, this one time."""
    account = MailAccount.objects.filter(member=request.user).first()
    if account is None or not settings.RELAY_PORT:
        return redirect("mail-account")
    password = accounts.make_relay_password(request.user, request.POST.get("name", ""))
    return _page(request, _form(request, account), account, new_password=password)


@require_POST
def revoke_password(request: MemberRequest, password_id: int) -> HttpResponse:
    """Lets one mail program in no more."""
    accounts.revoke_relay_password(request.user, password_id)
    return _done(request, _("Revoked. The mail program that used this password is let in no more."))


@never_cache
@require_GET
def templates(request: MemberRequest) -> HttpResponse:
    """The member's own templates, and those of colleagues to look at."""
    words = {
        "templates": templates_of.templates_for(request.user).select_related("member"),
        "toast": request.session.pop("toast", None),
    }
    return render(request, "emails/templates.html", words)


@never_cache
@require_http_methods(["GET", "POST"])
def edit_template(request: MemberRequest, template_id: int | None = None) -> HttpResponse:
    """A new template, or one of the member's own."""
    template = _own(request, template_id) if template_id is not None else None
    shown = {name: getattr(template, name) for name in TemplateForm.base_fields} if template else {}
    form = TemplateForm(request.POST) if request.method == "POST" else TemplateForm(initial=shown)
    if form.is_bound and form.is_valid():
        try:
            templates_of.save_template(request.user, template, **form.cleaned_data)
        except InvalidDraft as invalid:
            form.explain(invalid.sentences)
        else:
            return _done(request, _("Saved."), "email-templates")
    fields = [(f"{{{{{name}}}}}", words) for name, (words, _value) in FIELDS.items()]
    words = {"form": form, "template": template, "fields": fields}
    return render(request, "emails/template.html", words, status=422 if form.is_bound else 200)


@require_POST
def delete_template(request: MemberRequest, template_id: int) -> HttpResponse:
    """Deletes one of the member's own."""
    templates_of.delete_template(_own(request, template_id))
    return _done(request, _("Deleted. Emails that began with it stay."), "email-templates")


def _own(request: MemberRequest, template_id: int) -> Template:
    return get_object_or_404(Template, member=request.user, pk=template_id)


def _form(request: MemberRequest, account: MailAccount | None) -> MailAccountForm:
    shown = account or MailAccount(
        address=request.user.email, name=request.user.name, username=request.user.email
    )
    return MailAccountForm(account, initial={name: getattr(shown, name) for name in _SHOWN})


def _page(
    request: MemberRequest,
    form: MailAccountForm,
    account: MailAccount | None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    words = {
        "form": form,
        "account": account,
        "relay_host": request.get_host().rpartition(":")[0] or request.get_host(),
        "relay_port": settings.RELAY_PORT,
        "passwords": RelayPassword.objects.filter(member=request.user).order_by("pk"),
        "toast": request.session.pop("toast", None),
        **more,
    }
    return render(request, "emails/account.html", words, status=status)


def _done(request: MemberRequest, words: str, to: str = "mail-account") -> HttpResponse:
    request.session["toast"] = {"words": words, "undo": "", "alone": True}
    return redirect(to)
