"""Which templates may a member begin with, and how does one change? The only writer of templates."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tandem.accounts.models import Member
from tandem.emails.errors import InvalidDraft
from tandem.emails.models import Template


def templates_for(member: Member) -> QuerySet[Template]:
    """The member's own, and those that colleagues share."""
    return Template.objects.filter(Q(member=member) | Q(shared=True)).order_by("name", "pk")


def save_template(
    member: Member, template: Template | None, *, name: str, subject: str, text: str, shared: bool
) -> Template:
    """Writes a template of this member's. Raises InvalidDraft when another of theirs has the name."""
    template = template or Template(member=member)
    template.name, template.subject, template.text, template.shared = name, subject, text, shared
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError:
        raise InvalidDraft(
            {"name": _("Another template of yours has this name. Nothing was saved. Choose another one.")}
        ) from None
    return template


def delete_template(template: Template) -> None:
    """Emails that began with it stay as they are."""
    template.delete()
