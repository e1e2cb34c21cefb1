"""What sync remembers, and the rules that the database itself keeps about it.

Links are the queue and the memory at once: what is owed is derived from them, and a closed one is a tombstone.
The states of a link stand in ARCHITECTURE.md and beside the branches of sync/plan.py, in the same words.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tandem.calls.models import Call
from tandem.connections.models import Connection, Org
from tandem.emails.models import Email
from tandem.reminders.models import Reminder
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


class Link(models.Model):
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
    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    parked = models.BooleanField(default=False)
    error_code = models.CharField(max_length=80, default="")
    error_text = models.TextField(default="")
    error_rev = models.PositiveIntegerField(null=True)
    error_first_at = models.DateTimeField(null=True)
    error_last_at = models.DateTimeField(null=True)
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


class Activity(models.Model):
    """One email or call, and what was decided about it: logged on which records, held, or left out, and why (P12)."""

    class Verdict(models.TextChoices):
        OPEN = "open"  # nobody could decide yet: Salesforce was not asked, or did not answer
        LOGGED = "logged"  # its links say how far each one is
        HELD = "held"  # nobody in Salesforce has this address: a person decides
        LEFT_OUT = "left_out"  # by a rule, or by a person

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    email = models.OneToOneField(Email, on_delete=models.PROTECT, null=True, related_name="activity")
    call = models.OneToOneField(Call, on_delete=models.PROTECT, null=True, related_name="activity")
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.OPEN)
    decided_at = models.DateTimeField(null=True)
    #: For every address: which rule spoke and what it found, as sync.activity spells it; shown to people (P12).
    why = models.JSONField(default=list)
    #: API calls that it cost so far; a shared call counts in parts.
    calls = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="activity_is_email_or_call",
                condition=Q(email__isnull=False, call__isnull=True)
                | Q(email__isnull=True, call__isnull=False),
            ),
            models.CheckConstraint(
                name="activity_verdict_known", condition=Q(verdict__in=["open", "logged", "held", "left_out"])
            ),
        ]
        indexes = [
            models.Index(
                name="activity_to_decide", fields=["org", "member"], condition=Q(verdict__in=["open", "held"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.email or self.call)


class ActivityLink(models.Model):
    """The tie of an activity to the one Task that logs it on one record: made once, never answered again (I15).

    The key is derived from the activity and the record, so that whoever logs it, from whatever copy of the database,
    names the same Task. Waiting, In-flight (attempt open), Unknown (attempt in doubt), Logged, Parked, Left out.
    """

    class Closed(models.TextChoices):
        LOGGED = "logged"
        LEFT_OUT = "left_out"  # a person said so before it was sent

    id = models.BigAutoField(primary_key=True)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="links")
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    #: Through whose connection it travels.
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=36)
    #: The record that it is logged for (Lead, Contact, Account or Opportunity), and its name when it was chosen.
    record = models.CharField(max_length=18)
    record_name = models.CharField(max_length=255, default="")
    #: The Task as it is sent, by Salesforce's field names; the same bytes at every attempt.
    body = models.JSONField()
    #: The custom fields (CF-1) as they should be; as Salesforce last acknowledged them; and the ones it would not take.
    wanted = models.JSONField(default=dict)
    extra = models.JSONField(default=dict)
    extra_owed = models.BooleanField(default=False)
    refused_fields = models.JSONField(default=list)
    sf_id = models.CharField(max_length=18, null=True)
    closed = models.CharField(max_length=8, choices=Closed, null=True)
    logged_at = models.DateTimeField(null=True)
    #: The attempt that is open, if one is: whose, how many so far, and until when an unanswered one may still land.
    opener = models.CharField(max_length=36, default="")
    attempts = models.PositiveIntegerField(default=0)
    in_flight = models.BooleanField(default=False)
    doubt_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    parked = models.BooleanField(default=False)
    error_code = models.CharField(max_length=80, default="")
    error_text = models.TextField(default="")
    error_first_at = models.DateTimeField(null=True)
    error_last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # I15: at most one Task per activity and record.
            models.UniqueConstraint(name="activity_key_once_per_org", fields=["org", "key"]),
            models.UniqueConstraint(
                name="activity_task_once_per_org", fields=["org", "sf_id"], condition=Q(sf_id__isnull=False)
            ),
            models.CheckConstraint(
                name="activity_logged_means_task",
                condition=Q(closed="logged", sf_id__isnull=False)
                | (Q(sf_id__isnull=True) & (Q(closed__isnull=True) | Q(closed="left_out"))),
            ),
            models.CheckConstraint(
                name="activity_in_flight_has_opener",
                condition=Q(in_flight=False) | (~Q(opener="") & Q(attempts__gte=1)),
            ),
        ]
        indexes = [
            models.Index(
                name="activity_owed", fields=["org", "member", "id"], condition=Q(closed__isnull=True)
            ),
            models.Index(
                name="activity_extra_owed", fields=["org", "member", "id"], condition=Q(extra_owed=True)
            ),
            models.Index(
                name="activity_in_trouble",
                fields=["org", "member", "error_code"],
                condition=~Q(error_code="") & Q(closed__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} on {self.record}"


class Held(models.Model):
    """An address of an activity that waits for a person (EM-3): nobody in Salesforce has it, or several speak against it.

    The row goes when the activity is decided anew; what the person said of it, stands in Activity.why.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="held")
    #: Canonical: trimmed, in lower case; "" for a call that was told with a record which is gone.
    address = models.EmailField(max_length=254, default="")
    name = models.CharField(max_length=255, default="")
    since = models.DateTimeField()
    #: Why nothing else could be done, for people; "" when simply nobody was found.
    reason = models.TextField(default="")
    #: The 18-character id of the record that a person chose; "" while nobody did.
    record = models.CharField(max_length=18, default="")

    class Meta:
        constraints = [models.UniqueConstraint(name="held_once", fields=["activity", "address"])]
        indexes = [models.Index(name="held_address", fields=["address"])]

    def __str__(self) -> str:
        return f"{self.address} of {self.activity}"


class NewRecord(models.Model):
    """A Lead or Contact that is made for an address which had none: once per address, however many emails ask for it.

    Nothing in Salesforce keeps its address unique, so one in doubt is looked for and waited out as in create mode B.
    """

    class Closed(models.TextChoices):
        LOGGED = "logged"  # it is there

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: Canonical: trimmed, in lower case.
    address = models.EmailField(max_length=254)
    sobject = models.CharField(max_length=7, default="Lead")
    body = models.JSONField()
    refused_fields = models.JSONField(default=list)
    sf_id = models.CharField(max_length=18, null=True)
    closed = models.CharField(max_length=8, choices=Closed, null=True)
    #: The attempt, as in ActivityLink.
    opener = models.CharField(max_length=36, default="")
    attempts = models.PositiveIntegerField(default=0)
    in_flight = models.BooleanField(default=False)
    doubt_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    parked = models.BooleanField(default=False)
    error_code = models.CharField(max_length=80, default="")
    error_text = models.TextField(default="")
    error_first_at = models.DateTimeField(null=True)
    error_last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="new_record_once_per_address", fields=["org", "address"]),
            models.CheckConstraint(
                name="new_record_sobject_known", condition=Q(sobject__in=["Lead", "Contact"])
            ),
            models.CheckConstraint(
                name="new_record_made_means_id",
                condition=Q(closed="logged", sf_id__isnull=False)
                | Q(closed__isnull=True, sf_id__isnull=True),
            ),
            models.CheckConstraint(
                name="new_record_in_flight_has_opener",
                condition=Q(in_flight=False) | (~Q(opener="") & Q(attempts__gte=1)),
            ),
        ]
        indexes = [
            models.Index(
                name="new_record_owed", fields=["org", "member", "id"], condition=Q(closed__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sobject} for {self.address}"


class TaskShape(models.Model):
    """What Task looks like in one org, as describe last told: which words and custom fields a log entry may use."""

    org = models.OneToOneField(Org, on_delete=models.CASCADE, primary_key=True, related_name="task_shape")
    #: As sync.activity.Shape has it.
    shape = models.JSONField()
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Task in {self.org}"


class OrgWarning(models.Model):
    """Something in the org that keeps part of the logging from working: said once, with first and last time (CF-3).

    It goes when Salesforce allows the same thing again.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="warnings")
    #: Whose rights it is about: another member's may be wider.
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, null=True, related_name="+")
    code = models.CharField(max_length=80)
    #: The field or object it is about.
    about = models.CharField(max_length=80, default="")
    text = models.TextField(default="")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="org_warning_once", fields=["org", "connection", "code", "about"])
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.about}"


class OptOut(models.Model):
    """An address that wants no emails, on its way into one org (UN-1): the row is there before the call, and setting the
    field twice does no harm, so that a crash anywhere owes it still.

    The row stays when it is done: whoever is unsubscribed is compared once a night (UN-3).
    """

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="+")
    #: Canonical: trimmed, in lower case.
    address = models.EmailField(max_length=254)
    #: When Salesforce last had it on each of its records, and on how many; 0: nobody there has the address.
    done_at = models.DateTimeField(null=True)
    records = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    parked = models.BooleanField(default=False)
    error_code = models.CharField(max_length=80, default="")
    error_text = models.TextField(default="")
    error_first_at = models.DateTimeField(null=True)
    error_last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="opt_out_once_per_org", fields=["org", "address"])]
        indexes = [
            models.Index(name="opt_out_owed", fields=["org", "id"], condition=Q(done_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.address} in {self.org}"


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
