"""Which of our two statuses does an org not have, and which of its own was chosen for it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tandem.accounts.models import Member
from tandem.connections.models import Org
from tandem.diagnostics.problems import Cause
from tandem.sync.fields import STATUS_WORDS
from tandem.sync.models import Link, OrgSync

Word = Literal["open", "done"]
WORDS: dict[str, Promise] = {"open": _("Open"), "done": _("Complete")}
_CODES = ("STATUS_NOT_IN_ORG", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


@dataclass(frozen=True)
class Missing:
    """One of our words that an org has no status for, and the statuses that it has. chosen: the one sent in its place."""

    org: Org
    word: str
    words: Promise
    statuses: Sequence[str]
    chosen: str = ""


def missing_statuses(cause: Cause) -> list[Missing]:
    """What an admin can mend right at this cause; none for any other cause."""
    if cause.code not in _CODES or (cause.code != _CODES[0] and "status" not in cause.said.lower()):
        return []
    refused = Link.objects.filter(error_code=cause.code, closed__isnull=True)
    if cause.about:
        refused = refused.filter(error_text=cause.about)
    orgs = Org.objects.filter(pk__in=refused.values("org")).select_related("sync").order_by("pk")
    return [
        Missing(org, word, WORDS[word], org.statuses)
        for org in orgs
        for word in _words_of(org, cause.about or cause.said)
        if org.statuses
    ]


def chosen_statuses(viewer: Member) -> list[Missing]:
    """What was chosen so far, for an admin to take back."""
    if viewer.role != Member.Role.ADMIN:
        return []
    syncs = OrgSync.objects.exclude(status_words={}).select_related("org").order_by("pk")
    return [
        Missing(sync.org, word, WORDS[word], sync.org.statuses, chosen)
        for sync in syncs
        for word, chosen in sync.status_words.items()
        if word in WORDS
    ]


def _words_of(org: Org, said: str) -> list[str]:
    """The word of ours for which this status was sent; both, where Salesforce's words do not say."""
    sync = getattr(org, "sync", None)
    sent = {**STATUS_WORDS, **(sync.status_words if isinstance(sync, OrgSync) else {})}
    named = [word for word, status in sent.items() if status in said]
    return named or list(WORDS)
