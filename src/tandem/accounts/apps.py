"""The accounts slice, as Django knows it."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tandem.accounts"

    def ready(self) -> None:
        from tandem.accounts import sign_in_log  # needs the apps to be loaded

        sign_in_log.listen()
