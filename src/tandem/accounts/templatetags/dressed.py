"""{{ field|dressed }}: a form's control with the look of its kind, whoever wrote the form."""

from __future__ import annotations

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The control; its label stands above it, so a placeholder that says the same again is left out."""
    match field.field.widget:
        case CheckboxInput():
            look = "form-check-input"
        case Select():
            look = "form-select"
        case _:
            look = "form-control"
    return field.as_widget(attrs={"class": look, "placeholder": False})


@register.filter
def is_tick(field: BoundField) -> bool:
    """Is it a box to tick, whose label stands behind it?"""
    return isinstance(field.field.widget, CheckboxInput)
