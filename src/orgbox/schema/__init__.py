"""Which sObjects does a new org have? Descriptions are values: an org that adds a field gets its own copy."""

from __future__ import annotations

from orgbox.schema.choices import TASK_PRIORITY, TASK_STATUS
from orgbox.schema.email import EMAIL_MESSAGE, EMAIL_MESSAGE_RELATION
from orgbox.schema.event import EVENT
from orgbox.schema.files import FILES
from orgbox.schema.mail import EMAIL_SERVICES_ADDRESS, EMAIL_SERVICES_FUNCTION
from orgbox.schema.people import ORGANIZATION, USER
from orgbox.schema.sales import ACCOUNT, CONTACT, LEAD, OPPORTUNITY, OPPORTUNITY_CONTACT_ROLE
from orgbox.schema.task import TASK
from orgbox.schema.types import Field, ObjectSchema, PicklistValue

STANDARD: tuple[ObjectSchema, ...] = (
    ACCOUNT,
    CONTACT,
    EMAIL_MESSAGE,
    EMAIL_MESSAGE_RELATION,
    EMAIL_SERVICES_ADDRESS,
    EMAIL_SERVICES_FUNCTION,
    EVENT,
    *FILES,
    LEAD,
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
    ORGANIZATION,
    TASK,
    TASK_PRIORITY,
    TASK_STATUS,
    USER,
)

__all__ = ["STANDARD", "Field", "ObjectSchema", "PicklistValue"]
