"""What does a person fill in for an email, a template, a mail account?

The forms know how to ask; what is right for an email is decided in emails.values and emails.merging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tandem.emails.connecting import is_this_machine
from tandem.emails.errors import InvalidDraft
from tandem.emails.merging import wrong_fields
from tandem.emails.mime import Attachment
from tandem.emails.models import MailAccount
from tandem.emails.values import ATTACHMENTS_SIZE, SUBJECT_LENGTH, DraftValues, checked, sendable

_LINE = {"class": "form-control", "autocomplete": "off"}
_NAME = {**_LINE, "spellcheck": "false"}
_TICK = {"class": "form-check-input"}


def _line(label: Any, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={**_NAME, **more.pop("attrs", {})})
    return forms.CharField(label=label, max_length=255, widget=widget, **more)


def _secret(label: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"})
    kept = _("Kept encrypted and never shown again. Leave it empty to keep the one that is saved.")
    return forms.CharField(label=label, required=False, strip=False, widget=widget, help_text=kept)


def _port(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=65535, widget=forms.NumberInput(attrs={"class": "form-control"})
    )


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.Select(attrs={"class": "form-select"})
    )


class _Explained(forms.Form):
    def explain(self, sentences: Mapping[str, Any]) -> None:
        """Puts each sentence at its field; what was typed stays."""
        for field, sentence in sentences.items():
            self.add_error(field if field in self.fields else None, str(sentence))


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class _Files(forms.FileField):
    """Any number of files."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list | tuple) else [data]
        return [forms.FileField.clean(self, file, initial) for file in files if file]


class EmailForm(_Explained):
    """An email: to whom, what, with which files; and when it goes out."""

    to = forms.CharField(
        label=_("To"),
        required=False,
        widget=forms.TextInput(attrs={**_LINE, "autofocus": True}),
        help_text=_("Addresses with commas between them: Jan de Vries <jan@example.com>"),
    )
    cc = forms.CharField(label=_("Cc"), required=False, widget=forms.TextInput(attrs=_LINE))
    bcc = forms.CharField(label=_("Bcc"), required=False, widget=forms.TextInput(attrs=_LINE))
    subject = forms.CharField(
        label=_("Subject"),
        required=False,
        widget=forms.TextInput(attrs={**_LINE, "maxlength": SUBJECT_LENGTH}),
    )
    text = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 10}),
    )
    kept_files = forms.MultipleChoiceField(
        label=_("Files that are attached"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=_TICK),
    )
    attachments = _Files(label=_("Attach files"), required=False, help_text=_("Up to 23 MB together."))
    private = forms.BooleanField(
        label=_("Keep this email out of Salesforce"), required=False, widget=forms.CheckboxInput(attrs=_TICK)
    )
    refs = forms.CharField(
        label=_("File it in Salesforce under"),
        required=False,
        widget=forms.TextInput(attrs=_NAME),
        help_text=_(
            "Links or ids of records, with commas between them. Only the copy for Salesforce names them."
        ),
    )
    at = forms.DateTimeField(
        label=_("Send later, at"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(
            attrs={"class": "form-control", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
        help_text=_("Only for “Schedule”. In your own time zone."),
    )
    begun_with = forms.CharField(required=False, widget=forms.HiddenInput())

    values: DraftValues

    def __init__(
        self, files: Sequence[Attachment], *args: Any, names_records: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not names_records:
            del self.fields["refs"]
        self._files = files
        self.fields["attachments"].widget.attrs["class"] = "form-control"
        kept = self.fields["kept_files"]
        if isinstance(kept, forms.MultipleChoiceField):
            kept.choices = [(str(number), file.name) for number, file in enumerate(files)]
            kept.initial = [number for number, _name in kept.choices]
        if not files:
            del self.fields["kept_files"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        try:
            self.values = checked(
                **{name: given.get(name, "") for name in ("to", "cc", "bcc", "subject", "text", "refs")},
                template_name=given.get("begun_with", ""),
                log=not given.get("private"),
                attachments=self._attachments(),
            )
        except InvalidDraft as invalid:
            self.explain(invalid.sentences)
        return given

    def _attachments(self) -> list[Attachment]:
        given = self.cleaned_data
        kept = [self._files[int(number)] for number in given.get("kept_files", [])]
        uploaded: list[UploadedFile[Any]] = given.get("attachments") or []
        if sum(file.size or 0 for file in uploaded) > ATTACHMENTS_SIZE:  # not read into memory for nothing
            return [*kept, Attachment("", bytes(ATTACHMENTS_SIZE + 1))]
        return [*kept, *(Attachment(file.name or "-", file.read()) for file in uploaded)]


class TemplateForm(_Explained):
    """A text to begin with."""

    name = _line(_("Name"))
    subject = _line(_("Subject"))
    text = forms.CharField(
        label=_("Text"), strip=False, widget=forms.Textarea(attrs={"class": "form-control", "rows": 8})
    )
    shared = forms.BooleanField(
        label=_("Colleagues may use it"), required=False, widget=forms.CheckboxInput(attrs=_TICK)
    )

    def clean_subject(self) -> str:
        return self._known("subject")

    def clean_text(self) -> str:
        return self._known("text")

    def _known(self, field: str) -> str:
        written: str = self.cleaned_data[field]
        if wrong := wrong_fields(written):
            raise forms.ValidationError(wrong)
        return written


class MailAccountForm(_Explained):
    """Where a member's mail goes out and comes in, and how one signs in there. Secrets are never shown again."""

    address = forms.EmailField(
        label=_("Your address"),
        max_length=254,
        widget=forms.EmailInput(attrs={**_LINE, "autocomplete": "email"}),
    )
    name = _line(_("Your name, as recipients see it"), required=False)
    smtp_host = _line(_("Outgoing server (SMTP)"), attrs={"placeholder": "smtp.example.com"})
    smtp_port = _port(_("SMTP port"))
    smtp_security = _choice(_("SMTP encryption"), MailAccount.Security.choices)
    imap_host = _line(
        _("Incoming server (IMAP)"),
        required=False,
        attrs={"placeholder": "imap.example.com"},
        help_text=_("Without it replies and bounces are not seen."),
    )
    imap_port = _port(_("IMAP port"))
    imap_security = _choice(_("IMAP encryption"), MailAccount.Security.choices)
    watch_sent = forms.BooleanField(
        label=_("Also take in what I send from other mail programs (looks into the Sent folder)"),
        required=False,
        widget=forms.CheckboxInput(attrs=_TICK),
    )
    username = _line(_("User name"))
    sign_in = _choice(_("Sign in with"), MailAccount.SignIn.choices)
    password = _secret(_("Password or app password"))
    token_url = _line(
        _("Token address"),
        required=False,
        help_text=_("Such as https://oauth2.googleapis.com/token; your provider's documentation names it."),
    )
    client_id = _line(_("Client ID"), required=False)
    client_secret = _secret(_("Client secret"))
    refresh_token = _secret(_("Refresh token"))

    def __init__(self, account: MailAccount | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._account = account

    def clean_address(self) -> str:
        canonical = sendable(self.cleaned_data["address"])
        if not canonical:
            raise forms.ValidationError(
                _("No email can be sent from this address. Nothing was saved. Correct it.")
            )
        return canonical

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for kind in ("smtp", "imap"):
            host, security = given.get(f"{kind}_host", ""), given.get(f"{kind}_security")
            if host and security == MailAccount.Security.NONE and not is_this_machine(host):
                self.add_error(
                    f"{kind}_security",
                    _(
                        "Without encryption anybody on the way could read the password. Nothing was saved. Choose STARTTLS."
                    ),
                )
        if given.get("sign_in") == MailAccount.SignIn.XOAUTH2:
            self._clean_oauth()
        elif given.get("smtp_security") != MailAccount.Security.NONE:
            self._need("password")
        return given

    def _clean_oauth(self) -> None:
        url = urlsplit(self.cleaned_data.get("token_url", ""))
        here = url.scheme == "http" and is_this_machine(url.hostname or "")
        if not url.hostname or (url.scheme != "https" and not here):
            self.add_error(
                "token_url", _("This is no https address. Nothing was saved. Copy it from your provider.")
            )
        if not self.cleaned_data.get("client_id"):
            self.add_error("client_id", _("It is needed for OAuth 2. Nothing was saved."))
        self._need("refresh_token")

    def _need(self, secret: str) -> None:
        """A secret is typed once, and again when it would be shown to another server."""
        if self.cleaned_data.get(secret):
            return
        held = self._account
        if held is None or not getattr(held, secret):
            self.add_error(secret, _("It is needed to sign in. Nothing was saved. Type it."))
        elif any(
            self.cleaned_data.get(place, "") not in ("", getattr(held, place))
            for place in ("smtp_host", "imap_host", "token_url")
        ):
            self.add_error(
                secret,
                _(
                    "The server is another one now. Nothing was saved. Type it again, so that it goes where you want it."
                ),
            )
