"""{% settings_tabs %}sync{% endsettings_tabs %}: the tabs of the Salesforce page, the named one marked (UI-3).

The name stands between the two tags, so that a page can give it by filling a block there.
"""

from django import template
from django.template.loader import render_to_string

register = template.Library()


@register.simple_block_tag
def settings_tabs(content: str) -> str:
    """The tabs, or nothing when the page names none."""
    tab = content.strip()
    return render_to_string("pages/settings_tabs.html", {"tab": tab}) if tab else ""
