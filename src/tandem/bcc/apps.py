"""The slice of Email to Salesforce (BCC), as Django knows it."""

from django.apps import AppConfig


class BccConfig(AppConfig):
    name = "tandem.bcc"
