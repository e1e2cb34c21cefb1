"""Which app of the team do members sign in with, and at which address of Salesforce?

The admin saves it on the settings page; TANDEM_SALESFORCE_CLIENT_ID and TANDEM_SALESFORCE_CLIENT_SECRET go before it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from tandem.connections.models import TeamApp
from tandem.connections.signing_in import loopback_allowed
from tandem.salesforce import App

#: Where each target signs in (docs/salesforce.md §1.1).
LOGIN_URLS = {
    TeamApp.Target.PRODUCTION: "https://login.salesforce.com",
    TeamApp.Target.SANDBOX: "https://test.salesforce.com",
}


@dataclass(frozen=True)
class AppInUse:
    """The app that is in force. `by_environment`: id and secret cannot be changed on the page."""

    client_id: str
    target: str
    login_url: str
    by_environment: bool

    @property
    def ready(self) -> bool:
        """Whether members can sign in with it."""
        return bool(self.client_id)

    def app(self) -> App:
        """As tandem.salesforce wants it, its secret included. Raises KeyTrouble when that cannot be read."""
        if self.by_environment:
            secret = os.environ.get("TANDEM_SALESFORCE_CLIENT_SECRET", "")
        else:
            saved = TeamApp.objects.first()
            secret = saved.client_secret if saved else ""
        return App(self.client_id, secret or None, self.login_url, "refresh_token", loopback_allowed())


def app_in_use() -> AppInUse:
    """The app in force; not `ready` while nobody has named one."""
    saved = TeamApp.objects.first()
    target = TeamApp.Target(saved.target) if saved else TeamApp.Target.PRODUCTION
    login_url = LOGIN_URLS.get(target) or (saved.my_domain if saved else "")
    client_id = os.environ.get("TANDEM_SALESFORCE_CLIENT_ID", "")
    if client_id:
        return AppInUse(client_id, target, login_url, by_environment=True)
    return AppInUse(saved.client_id if saved else "", target, login_url, by_environment=False)
