"""{{ states|lookup:reminder.pk }}: what a dict holds under a key that is only known while the page is drawn."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def lookup(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value under `key`; None when there is none."""
    return mapping.get(key)
