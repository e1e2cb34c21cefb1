"""The pages slice, as Django knows it."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "tandem.pages"
