"""Which Salesforce orgs are known, and which member may act in which of them?"""

from __future__ import annotations

from typing import ClassVar, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tandem.encryption import EncryptedTextField


class Org(models.Model):
    """One Salesforce organisation, and what its describe told us."""

    #: 18 characters.
    sf_id = models.CharField(max_length=18, unique=True)
    name = models.CharField(max_length=255, default="")
    #: Organization.OrganizationType, such as "Enterprise Edition"; "" while the API has not told (P10).
    edition = models.CharField(max_length=80, default="")
    is_sandbox = models.BooleanField(default=False)
    #: The Task field that carries our key, and whether Salesforce keeps it unique (create modes A and B).
    key_field = models.CharField(max_length=80, default="CallObject")
    key_is_unique = models.BooleanField(default=False)
    #: The Task status values of this org.
    statuses = models.JSONField(default=list)
    #: When set, this connection reads and writes for the whole team; else each reads and writes for its own member.
    team_connection = models.ForeignKey("Connection", null=True, on_delete=models.SET_NULL, related_name="+")
    #: The org's API allowance as the last answer reported it.
    calls_used = models.PositiveIntegerField(null=True)
    calls_allowed = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="org_has_id", condition=~Q(sf_id="")),
        ]

    def __str__(self) -> str:
        return self.name or self.sf_id


#: What a query that joins connections leaves out, as Sparing does where connections are asked for directly.
SECRETS = ("client_secret", "access_token", "refresh_token")

M = TypeVar("M", bound=models.Model)


class Sparing(models.Manager[M]):
    """Leaves secrets where they are until one is asked for: one that cannot be read stops only what needs it."""

    def get_queryset(self) -> models.QuerySet[M]:
        columns = self.model._meta.concrete_fields
        return super().get_queryset().defer(*(c.name for c in columns if isinstance(c, EncryptedTextField)))


class TeamApp(models.Model):
    """The team's own connected app or external client app, and where its members sign in. At most one row."""

    class Target(models.TextChoices):
        PRODUCTION = "production", _("Production")
        SANDBOX = "sandbox", _("Sandbox")
        MY_DOMAIN = "my-domain", _("My Domain")

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    #: "" when the environment gives it, as the secret then.
    client_id = models.CharField(max_length=255, default="")
    client_secret = EncryptedTextField(default="")
    target = models.CharField(max_length=10, choices=Target, default=Target.PRODUCTION)
    #: https://yourcompany.my.salesforce.com; only for the target My Domain.
    my_domain = models.CharField(max_length=255, default="")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[TeamApp]] = Sparing()

    class Meta:
        constraints = [
            models.CheckConstraint(name="team_app_only_one", condition=Q(id=1)),
            models.CheckConstraint(
                name="team_app_target_known", condition=Q(target__in=["production", "sandbox", "my-domain"])
            ),
            models.CheckConstraint(
                name="team_app_domain_goes_with_its_target",
                condition=(Q(target="my-domain") & ~Q(my_domain=""))
                | (~Q(target="my-domain") & Q(my_domain="")),
            ),
        ]

    def __str__(self) -> str:
        return f"the app of the team, {self.target}"


class Connection(models.Model):
    """One member's authorisation to one Org. Secrets are encrypted at rest and shown nowhere.

    A member acts in one org at a time: connecting to another ends the connection before, which stays as a memory of
    its links (`disconnected`), so that coming back takes up where it was.
    """

    class State(models.TextChoices):
        CONNECTED = "connected"
        RECONNECT = "reconnect"
        DISCONNECTED = "disconnected"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="connections")
    #: The member's User in Salesforce: 18-character id and name.
    user = models.CharField(max_length=18)
    username = models.CharField(max_length=255, default="")
    #: Grows with every new sign-in, so that what an older one left behind is known as old.
    sign_in = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.CONNECTED)
    trouble_code = models.CharField(max_length=80, default="")
    trouble_text = models.TextField(default="")
    #: Where tokens are asked for, and where calls go: the second may move (docs/salesforce.md §1.3).
    login_url = models.CharField(max_length=255)
    instance_url = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255)
    client_secret = EncryptedTextField(default="")
    access_token = EncryptedTextField(default="")
    #: "" when the connection renews itself by client credentials.
    refresh_token = EncryptedTextField(default="")
    #: Who is renewing the tokens right now, and until when they may take (single flight, SF-10).
    renewing_until = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Connection]] = Sparing()
    #: All of a connection in one read: its tokens belong together.
    with_secrets: ClassVar[models.Manager[Connection]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_connection_per_member_and_org", fields=["member", "org"]),
            models.UniqueConstraint(name="one_member_per_salesforce_user", fields=["org", "user"]),
            models.CheckConstraint(
                name="connection_state_known",
                condition=Q(state__in=["connected", "reconnect", "disconnected"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.username} in {self.org}"

    @property
    def carrier(self) -> Connection:
        """Whose connection sees and sends what is this member's: the team's, where there is one."""
        return self.org.team_connection or self


def with_carriers(connections: models.QuerySet[Connection]) -> models.QuerySet[Connection]:
    """These with their orgs and carriers in the same query, and nobody's secrets."""
    carriers = "org__team_connection"
    secrets = (*SECRETS, *(f"{carriers}__{secret}" for secret in SECRETS))
    return connections.select_related(f"{carriers}__org").defer(*secrets)
