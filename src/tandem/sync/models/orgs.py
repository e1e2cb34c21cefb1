"""What is kept of one org's rounds: who works now, how far each member's sync has come, and what it cost."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tandem.connections.models import Connection, Org
from tandem.sync.fields import DEFAULT_TEMPLATE


class OrgSync(models.Model):
    """One org's rounds: who works now, when the next is due, and what holds them up."""

    org = models.OneToOneField(Org, on_delete=models.CASCADE, primary_key=True, related_name="sync")
    #: The round that works now (a token, "" for none), and until when it may without renewing.
    lease = models.CharField(max_length=36, default="")
    lease_until = models.DateTimeField(null=True)
    next_round_at = models.DateTimeField(null=True)
    last_round_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    pause_code = models.CharField(max_length=80, default="")
    pause_text = models.TextField(default="")
    #: The mass-delete guard: "held" waits for a person, "approved" was let through by one.
    deletions = models.CharField(max_length=8, default="free")
    deletions_count = models.PositiveIntegerField(default=0)
    #: What stopped the last round: its code and Salesforce's own words; "" after a good one.
    trouble_code = models.CharField(max_length=80, default="")
    trouble = models.TextField(default="")
    subject_template = models.CharField(max_length=1000, default=DEFAULT_TEMPLATE)
    #: The org's own Task status for each of our two words, where a person chose one: {"done": "Finished"}.
    status_words = models.JSONField(default=dict)
    #: Unsubscribes (UN-6): into which field, and whether and at which hour of Pacific time all are compared (UN-3).
    opt_out_field = models.CharField(max_length=8, default="standard")
    opt_out_nightly = models.BooleanField(default=True)
    opt_out_hour = models.PositiveSmallIntegerField(default=20)
    #: When all were compared last, by our clock; and up to where Salesforce's own were read, by its clock.
    opt_outs_compared_at = models.DateTimeField(null=True)
    opt_outs_read_to = models.DateTimeField(null=True)
    #: When anything travelled last, or a member looked; a quiet org is read less often (sync/pace.py).
    news_at = models.DateTimeField(null=True)
    #: Whoever runs Tandem stopped it, until they say otherwise.
    stopped = models.BooleanField(default=False)
    #: The part of the org's API allowance that Tandem may use, in per cent; the rest stays for other programs.
    calls_share = models.PositiveSmallIntegerField(default=50)
    #: When the nightly audit is due; when it was done last, and what it found, in counts (sync/audit.py).
    audit_at = models.DateTimeField(null=True)
    audited_at = models.DateTimeField(null=True)
    audit_found = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="deletions_word_known", condition=Q(deletions__in=["free", "held", "approved"])
            ),
            models.CheckConstraint(
                name="opt_out_field_known", condition=Q(opt_out_field__in=["standard", "sales", "both"])
            ),
            models.CheckConstraint(name="opt_out_hour_of_a_day", condition=Q(opt_out_hour__lte=23)),
            models.CheckConstraint(
                name="calls_share_is_a_part", condition=Q(calls_share__gte=1, calls_share__lte=100)
            ),
        ]


class CallsSpent(models.Model):
    """The API calls that Tandem made in one org in one hour, which begins at `hour`."""

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="calls_spent_once_per_hour", fields=["org", "hour"])]

    def __str__(self) -> str:
        return f"{self.calls} calls in {self.org} from {self.hour:%H:%M}"


class TaskSync(models.Model):
    """One connection's task sync: on or off, and how far it has come. Times but the last are Salesforce's clock."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="task_sync")
    enabled = models.BooleanField(default=False)
    #: Enabled, but resting: it goes on from where it is, and FS-2's sequence stays as it was.
    paused = models.BooleanField(default=False)
    #: Reminder id after which outgoing begins: a sequence, not a clock (FS-1, FS-2).
    outgoing_after = models.BigIntegerField(default=0)
    import_from = models.DateTimeField(null=True)
    polled_to = models.DateTimeField(null=True)
    deleted_to = models.DateTimeField(null=True)
    #: Sync was on before: FS-6 is owed.
    rejoin = models.BooleanField(default=False)
    #: The first import's progress, in rows; total is None until it is counted.
    import_done = models.PositiveIntegerField(default=0)
    import_total = models.PositiveIntegerField(null=True)
    enabled_at = models.DateTimeField(null=True)


class Day(models.Model):
    """What became of one member's items, or of a whole org's, on one day (UTC): a statistic, not a ledger.

    Written at the end of a round by whoever holds the org's lease, kept for a year. A crash loses one round's counts.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    #: None: the whole org's, with what its rounds cost.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    day = models.DateField()
    #: Items brought into step, either way; and items that a person had to be asked about.
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    #: How long items took, in the classes of sync.tally.BOUNDS.
    lags = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="day_once_per_member", fields=["org", "member", "day"]),
            models.UniqueConstraint(
                name="day_once_per_org", fields=["org", "day"], condition=Q(member__isnull=True)
            ),
        ]
        indexes = [models.Index(name="day_by_day", fields=["day"])]

    def __str__(self) -> str:
        return f"{self.day} of {self.member or self.org}"
