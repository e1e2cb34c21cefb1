"""What is an email to us, through whose mailbox does it go, and which rules does the database itself keep about it?"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tandem import clock
from tandem.encryption import EncryptedTextField
from tandem.reminders.models import Reminder

MESSAGE_ID_LENGTH = 995  # RFC 5322, 2.1.1: a line has at most 998 characters; the angle brackets are not kept
#: What workers write to each other on an email: it looks no different by it.
_BETWEEN_WORKERS = {"sender_token", "sending_until", "handed_over_at", "not_before", "attempts", "news"}


class Emails(models.QuerySet["Email"]):
    """Questions that pages ask."""

    def of(self, member_id: int) -> Emails:
        """What this member may see: their own. Every page starts here."""
        return self.filter(member_id=member_id, deleted_at__isnull=True)

    def update(self, **values: Any) -> int:
        """As Django's; what a person can see of it has changed now (CC-7)."""
        if values.keys() - _BETWEEN_WORKERS:
            values.setdefault("changed_at", clock.now())
        return super().update(**values)


class Email(models.Model):
    """One message, sent by a member or received in answer. Written by emails.services only.

    However often and by whichever way it comes in, it is this one row: the Message-ID decides.
    """

    class Kind(models.TextChoices):
        SENT = "sent", _("Sent")
        REPLY = "reply", _("Reply")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("In Progress")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        BOUNCED = "bounced", _("Bounced")
        SPAM = "spam", _("Spam")

    class Way(models.TextChoices):
        COMPOSED = "composed", _("Written in Tandem")
        RELAY = "relay", _("Relayed from a mail program")
        API = "api", _("Told by another tool")
        SENT_FOLDER = "sent-folder", _("Found in the Sent folder")
        INBOX = "inbox", _("Received")

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: Without angle brackets.
    message_id = models.CharField(max_length=MESSAGE_ID_LENGTH, unique=True)
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.SENT)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    came_by = models.CharField(max_length=11, choices=Way)
    sender = models.EmailField(max_length=254)
    sender_name = models.CharField(max_length=255, default="")
    subject = models.CharField(max_length=998, default="")
    #: What a person wrote, as plain text; quoted text of earlier mails is cut from replies.
    text = models.TextField(default="")
    #: What is shown; made safe before it is stored (nh3). "" for a plain-text mail.
    html = models.TextField(default="")
    #: The email of ours that this one answers, by In-Reply-To or References (RP-1).
    answers = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="replies")
    template_name = models.CharField(max_length=255, default="")
    #: False: keep it out of Salesforce.
    log = models.BooleanField(default=True)
    #: Ids of Salesforce records that the copy names, with ", " between (emails.refs).
    refs = models.CharField(max_length=255, default="")
    #: When it goes or went out, or was received; None while it is a draft without a time.
    at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    #: The member counts it as a success (CC-5).
    succeeded_at = models.DateTimeField(null=True)
    #: Out of every list. The row stays: the same message found again elsewhere is still this one.
    deleted_at = models.DateTimeField(null=True)
    #: When what a person can see of it changed last; None: not since it came to be.
    changed_at = models.DateTimeField(null=True)
    #: Since when it counts as failed or bounced.
    failed_at = models.DateTimeField(null=True)
    #: Why it could not be delivered, for people.
    trouble = models.TextField(default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Earliest next try; the undo window and a schedule are one too.
    not_before = models.DateTimeField(null=True)
    #: Which worker is sending it now, and until when it may without saying more.
    sender_token = models.CharField(max_length=36, default="")
    sending_until = models.DateTimeField(null=True)
    #: Since when the mail server may have it: set just before the text is handed over, cleared by a definite answer.
    handed_over_at = models.DateTimeField(null=True)
    #: Something happened to it (it went out, it was answered, it bounced) that whoever logs has not looked at yet.
    news = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Email]] = Emails.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="email_has_message_id", condition=~Q(message_id="")),
            models.CheckConstraint(
                name="email_state_known",
                condition=Q(
                    state__in=["draft", "scheduled", "sending", "delivered", "failed", "bounced", "spam"]
                ),
            ),
            models.CheckConstraint(name="email_kind_known", condition=Q(kind__in=["sent", "reply"])),
            models.CheckConstraint(
                name="email_finished_has_time",
                condition=~Q(state__in=["delivered", "bounced"]) | Q(at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="email_of_member", fields=["member", "state", "-at"]),
            models.Index(
                name="email_to_send",
                fields=["not_before"],
                condition=Q(state__in=["scheduled", "sending"]),
            ),
            # A page of one folder, the last one first, however many lie there.
            models.Index(
                name="email_in_folder",
                fields=["member", "state", "-id"],
                condition=Q(kind="sent", archived_at__isnull=True, deleted_at__isnull=True),
            ),
            models.Index(
                name="email_archived",
                fields=["member", "-id"],
                condition=Q(kind="sent", archived_at__isnull=False, deleted_at__isnull=True),
            ),
            models.Index(name="email_news", fields=["member", "id"], condition=Q(news=True)),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id


class Recipient(models.Model):
    """One address that an email names, and how."""

    class Role(models.TextChoices):
        TO = "to"
        CC = "cc"
        BCC = "bcc"

    email = models.ForeignKey(Email, on_delete=models.CASCADE, related_name="recipients")
    role = models.CharField(max_length=3, choices=Role)
    #: Canonical: trimmed, in lower case.
    address = models.EmailField(max_length=254)
    name = models.CharField(max_length=255, default="")
    #: Why it did not arrive there, as the bounce said; "" while nobody said so.
    bounced = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(name="recipient_once", fields=["email", "role", "address"])]
        indexes = [models.Index(name="recipient_address", fields=["address"])]

    def __str__(self) -> str:
        return self.address


class FollowUp(models.Model):
    """A task that was written upon an email, so that each leads to the other (CC-6)."""

    email = models.ForeignKey(Email, on_delete=models.CASCADE, related_name="follow_ups")
    reminder = models.OneToOneField(Reminder, on_delete=models.CASCADE, related_name="follows_up")

    def __str__(self) -> str:
        return f"{self.reminder} upon {self.email}"


class Source(models.Model):
    """The whole message as bytes, for as long as somebody still has to send it; deleted after that."""

    email = models.OneToOneField(Email, on_delete=models.CASCADE, primary_key=True, related_name="source")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"the bytes of {self.email}"


class SecondAddress(models.Model):
    """Where a member's emails go a second time (P8). Written by emails.second_envelope only; no row: none goes."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    address = models.EmailField(max_length=254)
    #: An admin lets members name records that the copy is filed under.
    names_records = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.address


#: A second envelope that needs a person: given up, or refused so far. The index and whoever asks say it in these words.
STUCK = Q(state="failed") | Q(state="owed", refusals__gt=0)


class SecondEnvelope(models.Model):
    """One email's second way out, and how far it has come. Written by emails.second_envelope only."""

    class State(models.TextChoices):
        OWED = "owed"
        SENT = "sent"
        DOUBT = "doubt"  # the server may have it: nobody knows
        FAILED = "failed"
        OFF = "off"  # deactivated before it went

    email = models.OneToOneField(Email, on_delete=models.CASCADE, primary_key=True, related_name="second")
    state = models.CharField(max_length=6, choices=State, default=State.OWED)
    #: Where it went, or is to go.
    address = models.EmailField(max_length=254)
    #: Passing troubles and lasting refusals so far; what the last one was, for people, and in the server's own words.
    attempts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    trouble = models.TextField(default="")
    said = models.TextField(default="")
    not_before = models.DateTimeField(null=True)
    #: As sender_token, sending_until and handed_over_at of an Email.
    token = models.CharField(max_length=36, default="")
    until = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="second_state_known", condition=Q(state__in=["owed", "sent", "doubt", "failed", "off"])
            ),
            models.CheckConstraint(
                name="second_has_its_time",
                condition=(~Q(state="owed") | Q(not_before__isnull=False))
                & (~Q(state="sent") | Q(sent_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="second_to_send", fields=["not_before"], condition=Q(state="owed")),
            models.Index(name="second_sent", fields=["sent_at"], condition=Q(state__in=["sent", "doubt"])),
            models.Index(name="second_stuck", fields=["email"], condition=STUCK),
        ]

    def __str__(self) -> str:
        return f"the second envelope of {self.email}"


class MailAccount(models.Model):
    """The mailbox through which a member sends, and in which replies are looked for. Written by emails.accounts only."""

    class Security(models.TextChoices):
        STARTTLS = "starttls", _("STARTTLS")
        TLS = "tls", _("TLS from the start")
        NONE = "none", _("None (only to this very machine)")

    class SignIn(models.TextChoices):
        PASSWORD = "password", _("Password or app password")
        XOAUTH2 = "xoauth2", _("OAuth 2 (XOAUTH2: Microsoft, Google)")

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_account"
    )
    #: What stands in From: canonical, and the only address that the relay lets this member send as.
    address = models.EmailField(max_length=254)
    name = models.CharField(max_length=255, default="")
    smtp_host = models.CharField(max_length=255)
    smtp_port = models.PositiveIntegerField(default=587)
    smtp_security = models.CharField(max_length=8, choices=Security, default=Security.STARTTLS)
    #: "": no mailbox is watched.
    imap_host = models.CharField(max_length=255, default="")
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    username = models.CharField(max_length=255)
    sign_in = models.CharField(max_length=8, choices=SignIn, default=SignIn.PASSWORD)
    password = EncryptedTextField(default="")
    #: For XOAUTH2: where a refresh token becomes an access token, and as whom.
    token_url = models.URLField(max_length=255, default="")
    client_id = models.CharField(max_length=255, default="")
    client_secret = EncryptedTextField(default="")
    refresh_token = EncryptedTextField(default="")
    access_token = EncryptedTextField(default="")
    access_until = models.DateTimeField(null=True)
    #: Also take in what the member sends from other mail programs.
    watch_sent = models.BooleanField(default=False)
    #: Why the mailbox could not be read when it was last tried, for people; "" when it could.
    trouble = models.TextField(default="")
    next_look_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="mail_account_security_known",
                condition=Q(smtp_security__in=["starttls", "tls", "none"])
                & Q(imap_security__in=["starttls", "tls", "none"]),
            ),
            models.CheckConstraint(
                name="mail_account_sign_in_known", condition=Q(sign_in__in=["password", "xoauth2"])
            ),
            # Whoever may send as an address is one member: the relay relies on it.
            models.UniqueConstraint(name="mail_account_address_once", fields=["address"]),
        ]

    def __str__(self) -> str:
        return self.address


class WatchedFolder(models.Model):
    """How far a folder of a mailbox has been looked through (RFC 9051, 2.3.1: a UID holds for one UIDVALIDITY)."""

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="folders")
    name = models.CharField(max_length=255)
    uid_validity = models.BigIntegerField()
    last_uid = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="watched_folder_once", fields=["account", "name"])]

    def __str__(self) -> str:
        return f"{self.name} of {self.account}"


class RelayPassword(models.Model):
    """A password that one mail program uses for the relay: made here, shown once, kept as a digest only."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    #: SHA-256 in hex: the password has 144 random bits, so that a slow hash would protect nothing more.
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Template(models.Model):
    """A text to begin an email with; its place-holders are those of emails.merging."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    subject = models.CharField(max_length=998)
    text = models.TextField()
    #: Colleagues may begin with it too; only its owner changes it.
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="template_name_once", fields=["member", "name"])]

    def __str__(self) -> str:
        return self.name
