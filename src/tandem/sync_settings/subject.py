"""Which Activity Detail templates may be saved, and what do their dynamic fields stand for? Pure.

How a template is filled in is sync.fields.render's business: the preview asks that very function.
Source: AD-2 … AD-9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

TEMPLATE_LENGTH = 1000

#: The seven dynamic fields (AD-3), and where each value comes from.
DYNAMIC_FIELDS: Mapping[str, Promise] = {
    "activity_type": _("Email, Call, InMail or Custom"),
    "activity_subject": _("the email's subject, or the task's name"),
    "sales_campaign_name": _("the sales campaign it belongs to"),
    "sales_campaign_day": _("the day's number in that campaign"),
    "sales_campaign_step": _("the step's number on that day"),
    "call_outcome": _("how the call ended"),
    "call_reason": _("what the call was for"),
}
_TOKEN = re.compile(r"\{\{(.*?)\}\}")


def problem(template: str) -> Promise | None:
    """Why this template cannot be saved: a sentence for the person who wrote it; None when it can."""
    if not template.strip():
        return _("The template is empty, so nothing was saved. Tasks in Salesforce need a subject.")
    if len(template) > TEMPLATE_LENGTH:
        return _("The template is longer than 1,000 characters, so nothing was saved. Shorten it.")
    if "\n" in template or "\r" in template:
        return _("A subject is one line, so nothing was saved. Take the line breaks out.")
    for token in _TOKEN.finditer(template):
        if token[1].strip().lower() not in DYNAMIC_FIELDS:  # AD-9
            return format_lazy(
                _(
                    "“{token}” is not a dynamic field, so nothing was saved. Choose one from the list under “Add Dynamic Field”."
                ),
                token=token[0],
            )
    rest = _TOKEN.sub("", template)
    if "{{" in rest or "}}" in rest:
        return _(
            "A dynamic field is not written to its end, so nothing was saved. Write it with two braces on each side, as in {{activity_subject}}."
        )
    return None
