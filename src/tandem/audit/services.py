"""How does a change get into the log? In the transaction of the change itself, so that neither is there alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem import clock
from tandem.accounts.models import Member
from tandem.audit.models import Change


def note(
    section: str,
    *,
    by: Member | None,
    of: Member | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Add an entry, unless nothing changed. by None: the server's command line; of None: the team's.

    What may be in an entry is the caller's to say: whoever notes a thing with a secret leaves the secret out.
    """
    if before != after:
        Change(at=clock.now(), by=by, section=section, member=of, before=before, after=after).save()
