"""What can go wrong between us and Salesforce, split by the only question that matters: was it done?

    SalesforceError
    ├── NotDone              certainly not done: nothing was changed
    │   ├── BadInput           we saw that it could not succeed and sent nothing
    │   ├── Unreachable        no connection could be opened: nothing was sent
    │   ├── SignInNeeded       Salesforce no longer accepts our sign-in: a person must reconnect
    │   ├── LimitReached       the org's API calls are used up: wait for the 24-hour window to move
    │   ├── Busy               passing: a row lock, maintenance, too much at once. Try again later
    │   ├── Changed            somebody else changed the record since we read it (412): read it, then decide
    │   ├── Gone               the record is deleted or out of sight. Not a proof of deletion: look it up
    │   ├── Duplicate          a record with our key exists; `existing_id` is its id. Adopt it
    │   └── Refused            a rule, a permission, the data itself: permanent until a person acts
    └── OutcomeUnknown       may or may not have been done: time-out, connection lost after sending,
                             500/502/503/504, 420, 408, an answer nobody can read

A write that ended in `OutcomeUnknown` is never sent again blindly: look first (invariant I2, docs/engine.md §2.3).
For a read the word only means "no answer" and asking again is harmless; `was_write` tells the two apart and
`sentence()` says so. A single row of a shared call has the same errors as values: see `outcomes`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tandem.salesforce.wire import id18

_EXISTING_ID = re.compile(r"record with id:\s*([A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?)\b")


class SalesforceError(Exception):
    """Something Salesforce, or the way to it, did not do for us.

    `code` is Salesforce's errorCode (or one of ours, such as "TIME_OUT"), `message` Salesforce's own words,
    `fields` the API names of the fields that it blames. `status` is the HTTP status, 0 when there was none.
    """

    title = "Salesforce reported a problem"
    meaning = "Nothing was changed."
    remedy = "Try again later."

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        fields: Sequence[str] = (),
        status: int = 0,
        was_write: bool = False,
        remedy: str = "",
    ) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.status = status
        self.was_write = was_write
        self.remedy = remedy or type(self).remedy

    @property
    def means(self) -> str:
        """What it means for the data, in one sentence."""
        return self.meaning

    @property
    def happened(self) -> str:
        """What happened, in one sentence: our words, then Salesforce's."""
        named = f" ({', '.join(self.fields)})" if self.fields else ""
        said = self.message.rstrip(".")
        return f"{self.title}{named}: {said}." if said else f"{self.title}{named}."

    def sentence(self) -> str:
        """What happened, what it means for your data, what to do: three plain sentences for people."""
        return f"{self.happened} {self.means} {self.remedy}"


class NotDone(SalesforceError):
    """Certainly not done: nothing was changed in Salesforce."""


class OutcomeUnknown(SalesforceError):
    """May or may not have been done. After a write: look before sending it again. After a read: no answer."""

    title = "Salesforce did not give a clear answer"
    meaning = "The change may or may not have reached Salesforce."
    remedy = "Tandem looks again by itself; you need not do anything."

    @property
    def means(self) -> str:
        """A lost write must be looked up; a lost read changed nothing."""
        return self.meaning if self.was_write else "Nothing was changed; it was only a look."


class BadInput(NotDone):
    """We saw before sending that it could not succeed."""

    title = "This cannot be sent to Salesforce"
    meaning = "Nothing was sent and nothing was changed."
    remedy = "Correct it and try again."


class Unreachable(NotDone):
    """No connection could be opened: nothing was sent."""

    title = "Salesforce could not be reached"
    meaning = "Nothing was sent and nothing was changed."
    remedy = "Tandem tries again by itself; if it lasts, check the network and the address of your org."


class SignInNeeded(NotDone):
    """Salesforce no longer accepts our sign-in, also after one renewal."""

    title = "Salesforce no longer accepts Tandem's sign-in"
    meaning = "Nothing was changed, and nothing will be synced for this person until it is repaired."
    remedy = "Disconnect from Salesforce and connect again."


class LimitReached(NotDone):
    """The org has used up the API calls of its rolling 24 hours (rule SF-8)."""

    title = "Your Salesforce org has no API calls left for now"
    meaning = "Nothing was changed; what waits is kept."
    remedy = (
        "Tandem goes on when calls are free again; an admin can buy more or slow other integrations down."
    )


class Busy(NotDone):
    """A passing refusal: it was certainly not done and may succeed later."""

    title = "Salesforce was busy"
    meaning = "Nothing was changed; what waits is kept."
    remedy = "Tandem tries again by itself."


class Changed(NotDone):
    """The record was changed since we read it (HTTP 412 to If-Unmodified-Since, docs/salesforce.md §2.10)."""

    title = "Somebody changed this record in Salesforce in the meantime"
    meaning = "Their change stands and yours is kept in Tandem."
    remedy = "Tandem reads it again and brings both together."


class Gone(NotDone):
    """The record is deleted, or nobody may see it any more. The caller looks it up before believing a deletion."""

    title = "This record is no longer in Salesforce"
    meaning = "Nothing was changed."
    remedy = "Tandem looks for it in the recycle bin and keeps your version until it knows."


class Duplicate(NotDone):
    """A record with this unique value exists. `existing_id` is its id, None when Salesforce does not tell."""

    title = "Salesforce already has this record"
    meaning = "Nothing was added a second time."
    remedy = "Tandem goes on with the record that is there."

    @property
    def existing_id(self) -> str | None:
        """The id that Salesforce's message names, in 15 or 18 characters, as 18 (docs/salesforce.md §8)."""
        found = _EXISTING_ID.search(self.message)
        return id18(found.group(1)) if found else None


class Refused(NotDone):
    """Refused for good: a validation rule, a permission, a value. A person must act (rule P12)."""

    title = "Salesforce refused this"
    meaning = "Nothing was changed in Salesforce; your version is kept in Tandem."
    remedy = "Correct what Salesforce names, or ask your Salesforce admin, then retry."
