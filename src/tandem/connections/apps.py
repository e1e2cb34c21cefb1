"""Django's name for this slice."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "tandem.connections"
