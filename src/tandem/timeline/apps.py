"""The timeline slice, as Django knows it."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    """What happened to one task, here and in Salesforce."""

    name = "tandem.timeline"
