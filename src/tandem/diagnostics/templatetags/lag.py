"""How is a span of time said in a few letters: 12 s, 5 min, 3 h, 2 d? And how is a number written where only SVG reads it?"""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tandem import clock

register = template.Library()


@register.filter
def seconds(value: float) -> str:
    """The largest whole unit; below a second, half a second."""
    if value < 1:
        return _("half a second")
    for unit, words in ((86_400, _("%(n)s d")), (3600, _("%(n)s h")), (60, _("%(n)s min"))):
        if value >= unit:
            return words % {"n": round(value / unit)}
    return _("%(n)s s") % {"n": round(value)}


@register.filter
def ago(at: datetime) -> str:
    """How long ago that was."""
    return seconds(max((clock.now() - at).total_seconds(), 1))


@register.filter
def unlocalized(value: float) -> str:
    """With a point, whatever the reader's language writes."""
    return f"{value:g}"


@register.filter
def thousands(value: int) -> str:
    """With the reader's own sign between thousands."""
    return number_format(value, force_grouping=True)
