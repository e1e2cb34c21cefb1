"""Which trouble an error and its description stand for, and that each is whole."""

from __future__ import annotations

import pytest

from tandem.connections.troubles import TROUBLES, kind_of


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        ("access_denied", "end-user denied authorization", "denied"),
        ("access-denied", "", "denied"),
        ("invalid_grant", "login error restricted domain", "restricted-domain"),
        ("login_error_restricted_domain", "", "restricted-domain"),
        ("OAUTH_APP_BLOCKED", "this app is blocked by admin", "app-blocked"),
        ("OAUTH_AUTHORIZATION_BLOCKED", "", "app-blocked"),
        ("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app", "app-not-approved"),
        ("invalid_app_access", "user is not admin approved to access this app", "app-not-approved"),
        ("invalid_client", "app must be installed into org", "app-not-installed"),
        ("OAUTH_APPROVAL_ERROR_GENERIC", "An unexpected error", "app-not-installed"),
        ("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.", "api-disabled"),
        ("invalid_grant", "ip restricted", "ip-restricted"),
        ("invalid_grant", "invalid login hours", "login-hours"),
        ("inactive_user", "user is inactive", "inactive"),
        ("inactive_org", "organization is inactive", "inactive"),
        ("invalid_client_id", "client identifier invalid", "wrong-app"),
        ("invalid_client", "invalid client credentials", "wrong-app"),
        ("redirect_uri_mismatch", "redirect_uri must match configuration", "wrong-callback"),
        ("BAD_INSTANCE_URL", "the address does not begin with https://", "wrong-address"),
        ("invalid_scope", "the requested scope is not allowed", "wrong-scope"),
        ("invalid_grant", "expired authorization code", "too-late"),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", "limit"),
        ("UNREACHABLE", "no route", "no-answer"),
        ("HTTP_502", "", "no-answer"),
        ("not-begun", "", "not-begun"),
        ("taken", "", "taken"),
        ("something_new", "in words nobody knows", "other"),
        ("", "", "other"),
    ],
)
def test_error_and_description_together_name_the_trouble(code: str, said: str, kind: str) -> None:
    assert kind_of(code, said) == kind


def test_every_trouble_says_what_happened_what_it_means_and_what_to_do() -> None:
    for kind, trouble in TROUBLES.items():
        assert trouble.title, kind
        assert trouble.happened, kind
        assert "changed" in str(trouble.means), kind
        assert trouble.steps, kind
