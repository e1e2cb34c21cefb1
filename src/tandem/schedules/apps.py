"""Django's name for this slice."""

from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    name = "tandem.schedules"
    default_auto_field = "django.db.models.BigAutoField"
