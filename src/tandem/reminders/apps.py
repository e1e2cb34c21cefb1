"""The reminders slice, as Django knows it."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "tandem.reminders"
