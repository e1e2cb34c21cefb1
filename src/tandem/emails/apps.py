"""The emails slice, as Django knows it."""

from django.apps import AppConfig


class EmailsConfig(AppConfig):
    name = "tandem.emails"
