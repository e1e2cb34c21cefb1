"""The unsubscribes slice, as Django knows it."""

from django.apps import AppConfig


class UnsubscribesConfig(AppConfig):
    name = "tandem.unsubscribes"
