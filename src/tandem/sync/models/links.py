"""What ties a Reminder to its Task, and the rules that the database itself keeps about it.

Links are the queue and the memory at once: what is owed is derived from them, and a closed one is a tombstone.
The states of a link stand in ARCHITECTURE.md and beside the branches of sync/plan.py, in the same words.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tandem.connections.models import Org
from tandem.reminders.models import Reminder
from tandem.sync.models.attempts import Refusable


class Link(Refusable):
    """The tie of one pair, its intent included: at most one write per pair can be open, by construction (I12).

    No state is stored. `plan` knows, first match wins: Local-only (no link yet), In-flight, Unknown, Tombstone, Detached,
    Kept-remote, Parked, Pending-create, Never-sent delete, Stale, Deleted-both, Deleted-remote, Deleted-local, Conflict,
    Dirty-both, Dirty-remote, Dirty-local, Linked.
    """

    class Closed(models.TextChoices):
        DELETED = "deleted"  # both sides are gone: a tombstone (I4)
        DETACHED = "detached"  # deleted there, edited here: kept here
        KEPT_REMOTE = "kept_remote"  # deleted here, edited there: kept there
        NOT_OURS = "not_ours"  # of an org that is connected no more

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    #: Through whose connection it travels.
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reminder = models.OneToOneField(Reminder, on_delete=models.PROTECT, null=True, related_name="link")
    key = models.CharField(max_length=36)
    sf_id = models.CharField(max_length=18, null=True)

    base_app = models.JSONField(null=True)
    base_sf = models.JSONField(null=True)
    base_stamp = models.DateTimeField(null=True)
    seen = models.JSONField(null=True)
    seen_stamp = models.DateTimeField(null=True)
    seen_read_at = models.DateTimeField(null=True)
    seen_deleted = models.BooleanField(default=False)
    stale = models.BooleanField(default=False)
    created_app = models.JSONField(null=True)
    created_sf = models.JSONField(null=True)

    doubted = models.BooleanField(default=False)
    rev_done = models.PositiveIntegerField(null=True)
    closed = models.CharField(max_length=11, choices=Closed, null=True)
    closed_by = models.CharField(max_length=10, null=True)
    #: Of which of our revs the refusal is.
    error_rev = models.PositiveIntegerField(null=True)
    #: The refusal of this rev was skipped by a person: it is shown no more. A later edit makes it void by itself.
    skipped_rev = models.PositiveIntegerField(null=True)

    #: The one write that is decided and not settled; all null while there is none.
    intent_op = models.CharField(max_length=6, null=True)
    intent_app = models.JSONField(null=True)
    intent_sf = models.JSONField(null=True)
    intent_unless = models.DateTimeField(null=True)
    intent_opened_at = models.DateTimeField(null=True)
    intent_opener = models.CharField(max_length=36, null=True)
    intent_attempts = models.PositiveIntegerField(null=True)
    intent_in_flight = models.BooleanField(null=True)
    intent_doubt_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="link_key_once_per_org", fields=["org", "key"]),
            # I2: at most one pair per Salesforce record.
            models.UniqueConstraint(
                name="link_record_once_per_org", fields=["org", "sf_id"], condition=Q(sf_id__isnull=False)
            ),
            # I6: both sides of the base move together.
            models.CheckConstraint(
                name="link_base_has_both_sides",
                condition=Q(base_app__isnull=True, base_sf__isnull=True)
                | Q(base_app__isnull=False, base_sf__isnull=False),
            ),
            models.CheckConstraint(
                name="link_base_needs_record", condition=Q(sf_id__isnull=False) | Q(base_app__isnull=True)
            ),
            models.CheckConstraint(
                name="link_seen_is_whole",
                condition=Q(seen__isnull=True, seen_stamp__isnull=True, seen_read_at__isnull=True)
                | Q(seen__isnull=False, seen_stamp__isnull=False, seen_read_at__isnull=False),
            ),
            # I12: nothing is being written to a pair whose life has ended, and an intent is whole.
            models.CheckConstraint(
                name="link_closed_has_no_intent", condition=Q(closed__isnull=True) | Q(intent_op__isnull=True)
            ),
            models.CheckConstraint(
                name="link_intent_is_whole",
                condition=Q(intent_op__isnull=True, intent_opener__isnull=True, intent_sf__isnull=True)
                | Q(
                    intent_op__in=["create", "update", "delete"],
                    intent_opener__isnull=False,
                    intent_sf__isnull=False,
                    intent_opened_at__isnull=False,
                    intent_attempts__gte=1,
                ),
            ),
            models.CheckConstraint(
                name="link_create_only_without_record",
                condition=Q(intent_op__isnull=True) | ~Q(intent_op="create") | Q(sf_id__isnull=True),
            ),
            models.CheckConstraint(
                name="link_closed_word_known",
                condition=Q(closed__isnull=True)
                | Q(closed__in=["deleted", "detached", "kept_remote", "not_ours"]),
            ),
        ]
        indexes = [
            # What a member's route owes, answered from this index and the Reminders' revs alone.
            models.Index(
                name="link_may_be_owed",
                fields=["org", "member", "id", "reminder", "rev_done", "not_before", "intent_op"],
                condition=Q(intent_op__isnull=True, reminder__isnull=False),
            ),
            models.Index(
                name="link_open_intent", fields=["org", "member"], condition=Q(intent_op__isnull=False)
            ),
            models.Index(
                name="link_gone_there",
                fields=["org", "member"],
                condition=Q(seen_deleted=True, closed__isnull=True),
            ),
            # What stands against a pair, by cause: few rows, however many pairs there are.
            models.Index(
                name="link_in_trouble",
                fields=["org", "member", "error_code"],
                condition=~Q(error_code="") & Q(closed__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ↔ {self.sf_id or 'not there yet'}"


class Conflict(models.Model):
    """A user's value that gave way to an automatic choice (I16). Append-only; a person may mark it as seen to."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="conflicts")
    at = models.DateTimeField()
    field = models.CharField(max_length=20)
    #: Whose value gave way: "tandem" or "salesforce".
    side = models.CharField(max_length=10)
    value = models.TextField()
    won = models.TextField()
    rule = models.TextField()
    resolved_at = models.DateTimeField(null=True)
    #: Which of the two versions the member kept: "ours", "theirs"; "" while nobody chose.
    kept = models.CharField(max_length=6, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="conflict_kept_known", condition=Q(kept__in=["", "ours", "theirs"])),
        ]


class Event(models.Model):
    """One line of a pair's story: what went to Salesforce, what came from there (P12). Append-only; for people to read.

    Nothing is decided by it: what is owed stands in the link. Written by sync.story only.
    """

    class What(models.TextChoices):
        CAME = "came"  # a Task became a Reminder
        SENT = "sent"  # a write went out
        LANDED = "landed"  # and has its answer: done
        REFUSED = "refused"  # and has its answer: not done
        DOUBT = "doubt"  # and has none
        CHANGED = "changed"  # a change there was taken over here
        REMOVED = "removed"  # a delete there was taken over here
        RESTORED = "restored"  # an un-delete there was taken over here

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    what = models.CharField(max_length=8, choices=What)
    #: What was sent: "create", "update" or "delete"; "" for what came from there.
    op = models.CharField(max_length=6, default="")
    #: Field -> [before, after] in our words, cut to what fits on a page.
    values = models.JSONField(default=dict)
    #: When it was changed there, by Salesforce's clock.
    stamp = models.DateTimeField(null=True)
    code = models.CharField(max_length=80, default="")
    text = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.what} {self.op}"
