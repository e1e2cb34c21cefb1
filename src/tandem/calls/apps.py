"""The calls slice, as Django knows it."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "tandem.calls"
