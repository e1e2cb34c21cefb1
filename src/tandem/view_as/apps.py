"""The slice as Django knows it."""

from django.apps import AppConfig


class ViewAsConfig(AppConfig):
    """An admin looks at a colleague's lists."""

    name = "tandem.view_as"
