"""What ties an email or a call to the Tasks that log it, and what stands in the way of one (I15)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from tandem.calls.models import Call
from tandem.connections.models import Connection, Org
from tandem.emails.models import Email
from tandem.sync.models.attempts import IN_FLIGHT_HAS_OPENER, Attempted


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


class ActivityLink(Attempted):
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
            models.CheckConstraint(name="activity_in_flight_has_opener", condition=IN_FLIGHT_HAS_OPENER),
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


class NewRecord(Attempted):
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
            models.CheckConstraint(name="new_record_in_flight_has_opener", condition=IN_FLIGHT_HAS_OPENER),
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
