"""Django's name for this slice."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "tandem.sync"
