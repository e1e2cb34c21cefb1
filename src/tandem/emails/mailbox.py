"""What is new in a member's mailbox? Replies and bounces in the inbox, and what went out by other programs.

Folders are opened read-only and read with BODY.PEEK: nobody's mail is ever marked as read. Of each new message the thread's
headers come first; only what answers an email of ours, or may be a bounce, is read further. What is private never comes here.
A cursor (UIDVALIDITY, last UID) per folder moves after its messages are stored, so a crash reads some twice, and the
Message-ID makes them one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import translation
from imapclient import IMAPClient
from imapclient.imapclient import SENT

from tandem import clock
from tandem.emails import bounces, connecting, services
from tandem.emails.errors import InvalidEmail
from tandem.emails.mime import ParsedMessage, parse
from tandem.emails.models import Email, MailAccount, WatchedFolder
from tandem.emails.troubles import MailTrouble

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
#: After a refusal that does not pass by itself: a wrong password every minute is what providers lock accounts for.
AFTER_REFUSAL = timedelta(minutes=30)
#: A folder that was renumbered is looked through again for as long as deletions are looked back.
LOOK_BACK = timedelta(days=15)
#: The text of a message comes first in it; attachments behind these bytes are of no interest here.
_FIRST_BYTES = 524_288
_AT_ONCE = 50
_HEADERS = "BODY.PEEK[HEADER]"
_WHOLE = f"BODY.PEEK[]<0.{_FIRST_BYTES}>"


def due() -> list[int]:
    """The accounts whose mailboxes are to be looked into now."""
    late = Q(next_look_at=None) | Q(next_look_at__lte=clock.now())
    accounts = MailAccount.objects.filter(late, member__is_active=True)
    return list(accounts.exclude(imap_host="").values_list("pk", flat=True))


def look(account_id: int) -> None:
    """Looks into one mailbox, unless somebody else does so now. What keeps it from that is told on the account."""
    now = clock.now()
    late = Q(next_look_at=None) | Q(next_look_at__lte=now)
    if not MailAccount.objects.filter(late, pk=account_id).update(next_look_at=now + EVERY):
        return
    account = MailAccount.objects.select_related("member").get(pk=account_id)
    trouble = ""
    with translation.override(account.member.language):
        try:
            with connecting.imap(account) as client:
                _inbox(client, account)
                if account.watch_sent:
                    _sent(client, account)
        except MailTrouble as met:
            trouble = met.sentence()
            if met.lasting:
                ours = MailAccount.objects.filter(pk=account_id, next_look_at=now + EVERY)
                ours.update(next_look_at=now + AFTER_REFUSAL)  # unless it was corrected meanwhile
    MailAccount.objects.filter(pk=account_id).exclude(trouble=trouble).update(trouble=trouble)


def _inbox(client: IMAPClient, account: MailAccount) -> None:
    for folder, uids in _new(client, account, "INBOX"):
        wanted = [uid for uid, header in _fetched(client, uids, _HEADERS) if _of_interest(header)]
        for uid, content in _fetched(client, wanted, _WHOLE):
            with _one_message(account, f"INBOX, {uid}"):
                _take_in(account, content)
        _move(folder, uids)


def _sent(client: IMAPClient, account: MailAccount) -> None:
    name = client.find_special_folder(SENT)
    if not name:
        return
    for folder, uids in _new(client, account, name):
        unknown = [uid for uid, header in _fetched(client, uids, _HEADERS) if _unheard_of(header)]
        for uid, content in _fetched(client, unknown, _WHOLE):
            with _one_message(account, f"{name}, {uid}"):
                services.told(account.member, message=content, way=Email.Way.SENT_FOLDER)
        _move(folder, uids)


@contextmanager
def _one_message(account: MailAccount, which: str) -> Iterator[None]:
    """What one message does must not keep those behind it from being seen. A database that does not answer may: the
    cursor stays, and the message is read again."""
    try:
        yield
    except InvalidEmail as no_email:
        log.info("A message of account %s (%s) was left out: %s", account.pk, which, no_email)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception(
            "A message of account %s (%s) could not be taken in; the others are.", account.pk, which
        )


def _new(client: IMAPClient, account: MailAccount, name: str) -> Iterator[tuple[WatchedFolder, list[int]]]:
    """The UIDs behind the cursor, some at a time. A folder seen for the first time begins at its end."""
    told = client.folder_status(name, ["UIDVALIDITY", "UIDNEXT"])
    validity, following = int(told[b"UIDVALIDITY"]), int(told[b"UIDNEXT"])
    folder, is_new = WatchedFolder.objects.get_or_create(
        account=account, name=name, defaults={"uid_validity": validity, "last_uid": following - 1}
    )
    renumbered = folder.uid_validity != validity
    if is_new or not (renumbered or folder.last_uid + 1 < following):
        return
    client.select_folder(name, readonly=True)
    if renumbered:
        uids = client.search(["SINCE", (clock.now() - LOOK_BACK).date()])
        folder.uid_validity, folder.last_uid = validity, 0
    else:
        uids = client.search(["UID", f"{folder.last_uid + 1}:*"])
    new = sorted(uid for uid in uids if uid > folder.last_uid)  # n:* names the last one even when it is older
    for start in range(0, len(new), _AT_ONCE):
        yield folder, new[start : start + _AT_ONCE]
    _move(folder, [following - 1])


def _move(folder: WatchedFolder, uids: list[int]) -> None:
    folder.last_uid = max(folder.last_uid, *uids)
    folder.save(update_fields=["uid_validity", "last_uid"])


def _fetched(client: IMAPClient, uids: list[int], what: str) -> Iterator[tuple[int, bytes]]:
    if not uids:
        return
    # One message a time where whole texts come: memory does not depend on the mailbox.
    for group in [uids] if what == _HEADERS else [[uid] for uid in uids]:
        told: dict[int, dict[bytes, Any]] = client.fetch(group, [what])
        for uid in group:
            content = next(
                (value for key, value in told.get(uid, {}).items() if key.startswith(b"BODY[")), None
            )
            if content:  # it may have been deleted meanwhile
                yield uid, content


def _of_interest(header: bytes) -> bool:
    said = _read(header)
    return said is not None and (services.answered(said) is not None or _maybe_bounce(header, said))


def _unheard_of(header: bytes) -> bool:
    """Not one of ours that is known to have gone out. (One in doubt is of interest: here it is.)"""
    said = _read(header)
    known = Email.objects.filter(handed_over_at=None)
    return said is not None and not known.filter(message_id=said.message_id).exists()


def _maybe_bounce(header: bytes, said: ParsedMessage) -> bool:
    return said.auto and (
        b"multipart/report" in header.lower() or said.sender.startswith(("mailer-daemon@", "postmaster@"))
    )


@transaction.atomic
def _take_in(account: MailAccount, content: bytes) -> None:
    said = _read(content)
    if said is None:
        return
    bounce = bounces.read(content) if said.auto else None
    if bounce is not None:
        for message_id in bounce.message_ids:
            for address in bounce.addresses:
                services.bounced(message_id, address, bounce.reason)
        return
    services.received_reply(account.member, said)


def _read(content: bytes) -> ParsedMessage | None:
    try:
        return parse(content)
    except InvalidEmail:
        return None
