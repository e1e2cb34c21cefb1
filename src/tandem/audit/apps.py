"""The audit slice as Django finds it."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The log of changes."""

    name = "tandem.audit"
