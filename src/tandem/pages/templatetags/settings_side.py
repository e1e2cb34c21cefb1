"""The left navigation of every settings page (UI-2), and under which of its sections this page stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

register = template.Library()


@dataclass(frozen=True)
class Entry:
    """One page of the navigation."""

    name: str | Promise
    address: str
    active: bool


@dataclass(frozen=True)
class Section:
    """A heading of the navigation, and its pages."""

    title: str | Promise
    entries: tuple[Entry, ...]

    @property
    def active(self) -> bool:
        """Does this page stand under it?"""
        return any(entry.active for entry in self.entries)


_PROFILE, _SECURITY = (_("Profile"), "profile"), (_("Sign-in and security"), "mfa_index")
_EMAIL = (pgettext_lazy("settings page", "Email"), "mail-account")
_API, _CALLS = (_("API"), "api-tokens"), (_("Calls"), "call-lists")
_SALESFORCE, _MEMBERS, _AUDIT = (
    ("Salesforce", "salesforce"),
    (_("Members"), "members"),
    (_("Audit log"), "settings-audit"),
)
_DIAGNOSTICS, _UNSUBSCRIBES = (_("Diagnostics"), "diagnostics"), (_("Unsubscribes"), "unsubscribes")
_MY_ACCOUNT, _ADMIN = _("My Account"), _("Admin Settings")


@register.inclusion_tag("pages/settings_side.html", takes_context=True)
def settings_side(context: dict[str, Any]) -> dict[str, Any]:
    """The navigation of whoever looks at the page."""
    return {"sections": _sections(context["request"])}


@register.simple_tag(takes_context=True)
def settings_section(context: dict[str, Any]) -> str | Promise:
    """The heading under which this page stands."""
    return next((section.title for section in _sections(context["request"]) if section.active), "")


def _sections(request: Any) -> tuple[Section, ...]:
    listed: tuple[tuple[Promise, tuple[tuple[str | Promise, str], ...]], ...]
    if request.user.role == "admin":
        listed = (
            (_MY_ACCOUNT, (_PROFILE, _SECURITY, _EMAIL)),
            (_ADMIN, (_MEMBERS, _SALESFORCE, _DIAGNOSTICS, _UNSUBSCRIBES, _CALLS, _API, _AUDIT)),
        )
    else:
        listed = (
            (_MY_ACCOUNT, (_PROFILE, _SECURITY, _SALESFORCE, _DIAGNOSTICS, _UNSUBSCRIBES, _EMAIL, _API)),
        )
    addresses = {name: reverse(name) for _title, entries in listed for _label, name in entries}
    here = _closest(request.path, addresses)
    return tuple(
        Section(title, tuple(Entry(label, addresses[name], name == here) for label, name in entries))
        for title, entries in listed
    )


def _closest(path: str, addresses: dict[str, str]) -> str:
    """The entry whose address this page stands under; a member's account has pages beside Profile's own."""
    if path.startswith(addresses["profile"] + "/"):
        return "mfa_index"
    return next((name for name, address in addresses.items() if path.startswith(address)), "")
