"""The habits slice, as Django knows it."""

from django.apps import AppConfig


class HabitsConfig(AppConfig):
    """How a member likes their pages."""

    name = "tandem.habits"
