"""What does an error mean in words for people, and what should they do? One table, used by every page that shows one.

The engine keeps a code and, word for word, what Salesforce said. From the code come the sentences, in the reader's
language; what Salesforce said is quoted beside them as its own. The 26 codes of rule A.11, Tandem's own, and a plain
sentence for any other (P12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tandem.encryption import BrokenKey, WrongKey
from tandem.salesforce.retries import Retry, retry_of

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Explanation:
    """happened, means for your data, do: three sentences. said: Salesforce's own words, "" when there are none."""

    code: str
    happened: Words
    means: Words
    do: Words
    said: str = ""

    def __str__(self) -> str:
        """All of it in one paragraph, Salesforce's words last."""
        sentences = " ".join(str(words) for words in (self.happened, self.means, self.do) if words)
        quoted = gettext("Salesforce said: “%(words)s”") % {"words": self.said} if self.said else ""
        return f"{sentences} {quoted}".strip()


def explained(code: str, said: str = "") -> Explanation:
    """The explanation of an error by its code; of one that nobody knows, that it is so and how to find out."""
    known = code.upper()
    if known in OURS:
        happened, means, do = OURS[known]
        if known in NAMING:
            happened = str(happened) % {"said": said}
        return Explanation(code, happened, means, do)
    if known.startswith("HTTP_5"):
        known = "SERVER_UNAVAILABLE"
    happened, do = SALESFORCES.get(known, _UNKNOWN)
    return Explanation(code, happened, MEANS[retry_of(known)], do, said)


def of_the_org(code: str, said: str) -> Explanation | None:
    """What stopped an org's last round, as everybody in it may read it; None when nothing did, or when it was the
    sign-in of one member: that stands at their own connection.
    """
    if not code or retry_of(code.upper()) is Retry.PAUSE:
        return None
    return explained(code, said)


_KEPT = _("Nothing was changed in Salesforce; your version is kept in Tandem.")
_TRIED = _("Nothing is lost: what waits is kept, and Tandem tries again by itself.")
_WAITS = _("Nothing is lost: what you change here waits, and goes out in order once you are connected.")
_NOTHING_SENT = _("Nothing was sent; your version is kept in Tandem.")

#: What each class of waiting means for people's data.
MEANS: Mapping[Retry, Words] = {
    Retry.PARK: _KEPT,
    Retry.WITHOUT: _KEPT,
    Retry.HEAL: _KEPT,
    Retry.ONCE: _KEPT,
    Retry.PAUSE: _WAITS,
    Retry.BACKOFF: _TRIED,
    Retry.ONE_BY_ONE: _TRIED,
    Retry.SLOW: _TRIED,
    Retry.HOLD: _("Nothing is lost: what waits is kept, and goes on when API calls are free again."),
}

_RECONNECT = _("Connect to Salesforce again.")
_NOTHING_TO_DO = _("You need not do anything.")
_ASK = _("Ask your Salesforce admin, then try it again.")
_UNKNOWN = (
    _("Salesforce refused this, with an error that Tandem does not know by name."),
    _("Show what Salesforce said to your Salesforce admin, then try it again."),
)

_SIGN_IN_ENDED = (_("Salesforce no longer accepts Tandem's sign-in."), _RECONNECT)

#: Code -> what happened, what to do. The 26 of A.11 first, in its order; then others that teams meet.
SALESFORCES: Mapping[str, tuple[Words, Words]] = {
    "API_CURRENTLY_DISABLED": (
        _("Salesforce has switched its API off for you for now."),
        _("If it lasts, ask your Salesforce admin whether you have the permission “API Enabled”."),
    ),
    "AUTHENTICATION_FAILURE": (
        _("Salesforce did not accept Tandem's sign-in."),
        _("Disconnect from Salesforce and connect again."),
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (
        _("A trigger or a flow in Salesforce stopped it."),
        _(
            "Ask your Salesforce admin to look at the trigger or flow that Salesforce names, then try it again."
        ),
    ),
    "CANNOT_UPDATE_CONVERTED_LEAD": (
        _("This lead has become a contact, and Salesforce changes no converted lead."),
        _("Choose the contact instead, then try it again."),
    ),
    "ENTITY_IS_LOCKED": (
        _("The record waits for an approval in Salesforce and is locked until then."),
        _("Wait for the approval, or ask whoever approves it."),
    ),
    "EXPIRED_ACCESS": (_("Tandem's access to Salesforce has expired."), _RECONNECT),
    "FAILED_WRITE": (
        _("The connection to Salesforce broke while something was being written."),
        _NOTHING_TO_DO,
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        _("A validation rule of your org does not allow this."),
        _("Change the value so that it meets the rule, or ask your Salesforce admin, then try it again."),
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": (
        _("The record that this one belongs to does not pass a lookup filter of your org."),
        _ASK,
    ),
    "FIELD_INTEGRITY_EXCEPTION": (
        _("Two values of this record do not go together, such as a state and its country."),
        _("Correct the fields that Salesforce names, then try it again."),
    ),
    "INACTIVE_ORGANIZATION": (
        _("Your Salesforce org is not active."),
        _("Ask your Salesforce admin to have it activated, then connect again."),
    ),
    "INACTIVE_USER": (
        _("Your Salesforce user is not active."),
        _("Ask your Salesforce admin to activate it, then connect again."),
    ),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": (
        _("Salesforce is being maintained, and nothing can be written there meanwhile."),
        _NOTHING_TO_DO,
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        _("You may not use the record in Salesforce that this one belongs to."),
        _("Ask your Salesforce admin for access to that record, then try it again."),
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        _("You may not change this record in Salesforce."),
        _("Ask your Salesforce admin for the right to edit it, then try it again."),
    ),
    "INVALID_FIELD": (
        _("Salesforce could not read a field that Tandem asked for."),
        _("If it lasts, ask your Salesforce admin to give you access to the field that Salesforce names."),
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (
        _("Tandem may not write one of the fields."),
        _("Ask your Salesforce admin to let you edit the field that Salesforce names, then try it again."),
    ),
    "INVALID_GRANT": (
        _("Salesforce no longer accepts Tandem's sign-in: it was ended, or used from an untrusted network."),
        _(
            "Connect again; if it is refused once more, ask your Salesforce admin to trust the network address of your Tandem server."
        ),
    ),
    "INVALID_TYPE": (
        _("You may not use this kind of record in Salesforce."),
        _("Ask your Salesforce admin for the right to read and edit it, then try it again."),
    ),
    "QUERY_TIMEOUT": (_("Salesforce took too long to find something."), _NOTHING_TO_DO),
    "REQUEST_LIMIT_EXCEEDED": (
        _("Your org has no API calls left for now, or too many ran at once."),
        _("If it happens often, your Salesforce admin can slow other programs down or buy more calls."),
    ),
    "REQUIRED_FIELD_MISSING": (
        _("Your org asks for a field that is empty."),
        _("Fill in the field that Salesforce names, then try it again."),
    ),
    "SERVER_UNAVAILABLE": (_("Salesforce was too busy to answer."), _NOTHING_TO_DO),
    "TXN_SECURITY_NO_ACCESS": (_("A security policy of your org stopped it."), _ASK),
    "UNABLE_TO_LOCK_ROW": (_("Somebody else was changing the same record."), _NOTHING_TO_DO),
    "UNKNOWN_EXCEPTION": (
        _("Something went wrong inside Salesforce."),
        _("If it comes back, open a case with Salesforce and give the number that it names."),
    ),
    # --- beyond A.11 ---
    "API_DISABLED_FOR_ORG": (
        _("Salesforce gives you no API: your org's edition lacks it, or your profile does."),
        _("Use Email to Salesforce (BCC), or ask your Salesforce admin for the permission “API Enabled”."),
    ),
    "DUPLICATES_DETECTED": (
        _("A duplicate rule of your org stopped it."),
        _("Merge the twins, or ask your Salesforce admin to relax the rule, then try it again."),
    ),
    "DUPLICATE_VALUE": (_("Salesforce has a record with this value already."), _ASK),
    "ENTITY_IS_DELETED": (
        _("The record was deleted in Salesforce meanwhile."),
        _("Tandem looks for it in the recycle bin; you need not do anything."),
    ),
    "INACTIVE_OWNER_OR_USER": (
        _("The owner is no longer active in Salesforce."),
        _("Choose another owner, then try it again."),
    ),
    "INSUFFICIENT_ACCESS": (
        _("You lack a permission in Salesforce."),
        _("Ask your Salesforce admin for it, then try it again."),
    ),
    "INVALID_CROSS_REFERENCE_KEY": (
        _("The record that this one points to is gone, or hidden from you."),
        _("Choose another person or deal, then try it again."),
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (
        _("Your org does not have this value in its list."),
        _("Choose another value, then try it again."),
    ),
    "STORAGE_LIMIT_EXCEEDED": (
        _("Your org has no storage left."),
        _("Ask your Salesforce admin to free some, then try it again."),
    ),
    "STRING_TOO_LONG": (
        _("A text is longer than Salesforce allows."),
        _("Shorten the field that Salesforce names, then try it again."),
    ),
    "INVALID_SESSION_ID": _SIGN_IN_ENDED,
    "INVALID_AUTH_HEADER": _SIGN_IN_ENDED,
    "NOT_FOUND": (
        _("The record is no longer there, or hidden from you."),
        _("Tandem looks for it in the recycle bin; you need not do anything."),
    ),
}

_NO_CLEAR_ANSWER = (
    _("Salesforce did not give a clear answer: it may have been done, or not."),
    _("Nothing is lost and nothing is sent twice: Tandem looks first."),
    _NOTHING_TO_DO,
)
#: Tandem's own codes -> what happened, what it means, what to do.
OURS: Mapping[str, tuple[Words, Words, Words]] = {
    "UNREACHABLE": (
        _("Salesforce could not be reached."),
        _TRIED,
        _("If it lasts, let your Tandem admin check the network of the server."),
    ),
    "TIME_OUT": _NO_CLEAR_ANSWER,
    "CONNECTION_LOST": _NO_CLEAR_ANSWER,
    "UNREADABLE_ANSWER": _NO_CLEAR_ANSWER,
    "NO_ANSWER": _NO_CLEAR_ANSWER,
    "RENEWAL_BUSY": (_("Tandem is renewing its sign-in to Salesforce."), _TRIED, _NOTHING_TO_DO),
    "RENEWAL_UNANSWERED": (
        _("Salesforce did not answer while Tandem renewed its sign-in."),
        _TRIED,
        _NOTHING_TO_DO,
    ),
    "NO_REFRESH_TOKEN": (_("Tandem's access to Salesforce has expired."), _WAITS, _RECONNECT),
    "DISCONNECTED": (_("You are not connected to Salesforce."), _WAITS, _RECONNECT),
    "KEY_LOST": (
        _("The key that encrypted your sign-in to Salesforce is gone, so it was forgotten."),
        _WAITS,
        _RECONNECT,
    ),
    WrongKey.code: (WrongKey.sentence, "", ""),
    BrokenKey.code: (BrokenKey.sentence, "", ""),
    "OUR_OWN": (
        _("Tandem met an error of its own; the log of the server says which."),
        _TRIED,
        _("If it lasts, tell your Tandem admin."),
    ),
    "CALLS_SHORT": (
        _("Tandem has used four fifths of the API calls that it may make in Salesforce."),
        _("Your own changes still travel; emails and calls are logged later, and nothing is lost."),
        _("You need not do anything; an admin may give Tandem a larger share."),
    ),
    "CALLS_USED_UP": (
        _("Tandem has used nearly all API calls that it may make in Salesforce."),
        _("Nothing is sent until there are calls again; your changes wait here, and nothing is lost."),
        _("You need not do anything; an admin may give Tandem a larger share."),
    ),
    "COPY_LOST": (
        _("The copy of an email did not get to Salesforce by Email to Salesforce (BCC)."),
        _("It reached everybody it was written to, but Salesforce does not show it."),
        _("See under Settings › Diagnostics why, correct that, then send the copy again there."),
    ),
    "NAME_TOO_LONG": (
        _("The name has more than 255 characters, which Salesforce does not accept."),
        _NOTHING_SENT,
        _("Shorten the name."),
    ),
    "DETAILS_TOO_LONG": (
        _("The details have more than 32,000 characters, which Salesforce does not accept."),
        _NOTHING_SENT,
        _("Shorten the details."),
    ),
    "DUE_DATE_ON_SERIES": (
        _("This task is a repeating series in Salesforce, and a series has no due date of its own."),
        _NOTHING_SENT,
        _("Change the date of one occurrence, or of the series in Salesforce."),
    ),
    "INVALID_DATE": (_("The due date is not a date."), _NOTHING_SENT, _("Choose another due date.")),
    "STATUS_NOT_IN_ORG": (
        _("Your org has no task status “%(said)s”."),
        _NOTHING_SENT,
        _(
            "Choose one of your org's own statuses for it under Settings › Diagnostics; or ask your Salesforce admin to add it, then connect again, so that Tandem sees it."
        ),
    ),
}
#: Those of our own that name what they are about.
NAMING = frozenset({"STATUS_NOT_IN_ORG"})
