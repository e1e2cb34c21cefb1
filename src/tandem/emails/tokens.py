"""How does a mail account with OAuth 2 get an access token? By its refresh token, at its provider (RFC 6749, 6).

Nothing here speaks to Salesforce: one small request of the standard library, to an address that the member gave.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.utils.translation import gettext as _

from tandem import clock
from tandem.emails.models import MailAccount
from tandem.emails.troubles import MailTrouble

#: A token is renewed this long before it ends, so that no session begins with one that ends in it.
EARLY = timedelta(minutes=2)
_PATIENCE = 20
_LONGEST_ANSWER = 65_536


class _NoRedirects(HTTPRedirectHandler):
    """The secret goes where the member said and nowhere else."""

    def redirect_request(self, *args: Any) -> None:
        return None


def access_token(account: MailAccount) -> str:
    """A token that is good now; renewed and stored when the last one ends soon. Raises MailTrouble."""
    now = clock.now()
    if account.access_token and account.access_until and account.access_until > now + EARLY:
        return str(account.access_token)
    try:
        told = _asked(account)
    except MailTrouble as trouble:
        # A provider that changes refresh tokens refuses the old one; the relay, the sender and the mailbox share it.
        another = MailAccount.objects.get(pk=account.pk)
        if trouble.lasting and another.access_token and another.access_token != account.access_token:
            return str(another.access_token)
        raise
    account.access_token = str(told["access_token"])
    account.access_until = now + timedelta(seconds=int(told.get("expires_in") or 3600))
    account.refresh_token = str(told.get("refresh_token") or account.refresh_token)
    MailAccount.objects.filter(pk=account.pk).update(
        access_token=account.access_token,
        access_until=account.access_until,
        refresh_token=account.refresh_token,
    )
    return str(account.access_token)


def _asked(account: MailAccount) -> dict[str, Any]:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": account.refresh_token,
        "client_id": account.client_id,
        "client_secret": account.client_secret,
    }
    body = urlencode({name: value for name, value in form.items() if value}).encode()
    # The form lets https addresses through only, and http to this very machine.
    request = Request(account.token_url, body, {"Accept": "application/json"})  # noqa: S310
    try:
        with build_opener(_NoRedirects).open(request, timeout=_PATIENCE) as answer:
            told = json.loads(answer.read(_LONGEST_ANSWER))
    except HTTPError as refused:
        lasting = 400 <= refused.code < 500 and refused.code != 429
        raise MailTrouble(_refused(), _error_of(refused.read(_LONGEST_ANSWER)), lasting=lasting) from None
    except (OSError, ValueError) as error:
        raise MailTrouble(
            _(
                "The provider of the mail account could not be asked for a new sign-in. Nothing was sent; it is tried again."
            ),
            str(error)[:200],
        ) from None
    if not isinstance(told, dict) or not told.get("access_token"):
        raise MailTrouble(_refused(), lasting=True)
    return told


def _refused() -> str:
    return _(
        "The provider of the mail account does not renew its sign-in. Nothing was sent. Give a new refresh token under My Account › Email."
    )


def _error_of(body: bytes) -> str:
    """The error's name (RFC 6749, 5.2), which holds no secret."""
    try:
        return str(json.loads(body)["error"])[:80]
    except (ValueError, KeyError, TypeError):
        return ""
