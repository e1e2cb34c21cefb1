"""What may a person choose among problems: by category, kind, member, day, what they wait for, and by code?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tandem.accounts.models import Member
from tandem.diagnostics.problems import CATEGORIES
from tandem.diagnostics.rows import Filter
from tandem.salesforce.retries import Category

_ANY = ("", _("All"))
_KINDS = [
    ("task", _("Tasks")),
    ("log", _("Emails and calls")),
    ("record", _("New leads and contacts")),
    ("unsubscribe", _("Unsubscribes")),
]
_STATES = [("needs-you", _("Needs you")), ("waits", _("Tried again by itself"))]


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


class FilterForm(forms.Form):
    """All of it may be left empty."""

    category = forms.ChoiceField(
        label=_("Category"),
        required=False,
        choices=[_ANY, *((each.value, words) for each, words in CATEGORIES.items())],
        widget=_select(),
    )
    kind = forms.ChoiceField(label=_("What"), required=False, choices=[_ANY, *_KINDS], widget=_select())
    state = forms.ChoiceField(label=_("State"), required=False, choices=[_ANY, *_STATES], widget=_select())
    code = forms.CharField(
        label=_("Code"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"class": "form-control", "spellcheck": "false", "autocomplete": "off"}),
    )
    since = forms.DateField(
        label=_("Seen since"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "form-control", "type": "date"}),
    )
    member = forms.ModelChoiceField(
        label=_("Member"),
        required=False,
        queryset=Member.objects.none(),
        empty_label=_("All"),
        widget=_select(),
    )

    def __init__(self, *args: Any, viewer: Member, **more: Any) -> None:
        super().__init__(*args, **more)
        if viewer.role == Member.Role.ADMIN:
            self.fields["member"].queryset = Member.objects.order_by("name")  # type: ignore[attr-defined]
        else:
            del self.fields["member"]


def filter_of(viewer: Member, given: QueryDict) -> tuple[Filter, FilterForm]:
    """What is asked for; what cannot be understood is left out, and the form says so."""
    form = FilterForm(given or None, viewer=viewer)
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else getattr(form, "cleaned_data", {})
    member = chosen.get("member")
    return (
        Filter(
            viewer,
            code=str(chosen.get("code") or "").strip(),
            about=given.get("about"),
            category=Category(chosen["category"]) if chosen.get("category") else None,
            kind=chosen.get("kind") or None,
            member=member.pk if member is not None else None,
            state=chosen.get("state") or None,
            since=chosen.get("since"),
        ),
        form,
    )


def as_query(wanted: Filter, **more: Any) -> str:
    """The filter as an address carries it."""
    named = {
        "category": wanted.category or "",
        "kind": wanted.kind or "",
        "state": wanted.state or "",
        "code": wanted.code,
        "since": wanted.since.isoformat() if wanted.since else "",
        "member": wanted.member or "",
        **more,
    }
    return urlencode({name: value for name, value in named.items() if value not in ("", None)})
