"""The people slice, as Django knows it."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tandem.people"
