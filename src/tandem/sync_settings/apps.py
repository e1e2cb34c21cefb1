"""Django's name for this slice."""

from django.apps import AppConfig


class SyncSettingsConfig(AppConfig):
    name = "tandem.sync_settings"
