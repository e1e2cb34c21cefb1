"""The API slice, as Django knows it."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tandem.api"
