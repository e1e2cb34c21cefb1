"""The diagnostics slice, as Django knows it."""

from django.apps import AppConfig


class DiagnosticsConfig(AppConfig):
    name = "tandem.diagnostics"
