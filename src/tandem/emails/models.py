"""What is an email to us, through whose mailbox does it go, and which rules does the database itself keep about it?"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MESSAGE_ID_LENGTH = 995  # RFC 5322 §2.1.1: a line has at most 998 characters; the angle brackets are not kept


class Emails(models.QuerySet["Email"]):
    """Questions that pages ask."""

    def of(self, member_id: int) -> Emails:
        """What this member may see: their own. Every page starts here."""
        return self.filter(member_id=member_id)


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
    #: When it goes or went out, or was received; None while it is a draft without a time.
    at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    #: Why it could not be delivered, for people.
    trouble = models.TextField(default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Earliest next try; the undo window and a schedule are one too.
    not_before = models.DateTimeField(null=True)
    #: Which worker is sending it now, and until when it may without saying more.
    sender_token = models.CharField(max_length=36, default="")
    sending_until = models.DateTimeField(null=True)
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


class Source(models.Model):
    """The whole message as bytes, for as long as somebody still has to send it; deleted after that."""

    email = models.OneToOneField(Email, on_delete=models.CASCADE, primary_key=True, related_name="source")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"the bytes of {self.email}"
