"""Why did connecting to Salesforce not work, in words for people? Pure (CN-1, CN-4, CN-5).

Salesforce says it in three places, on the way back from its pages, at the token endpoint, and at the first call; in each
with an error and a description. Both together name the trouble.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Trouble:
    """One reason: what happened, what it means for the data, and what to do, step by step."""

    title: Words
    happened: Words
    means: Words
    steps: tuple[Words, ...]


_NOTHING_STORED = _("Nothing was stored and nothing was changed, in Tandem or in Salesforce.")
_AGAIN = _("Then connect again.")

TROUBLES: dict[str, Trouble] = {
    "denied": Trouble(
        _("You did not allow access"),
        _("You chose Deny on Salesforce's page, so Tandem may not act for you."),
        _NOTHING_STORED,
        (_("If it was by accident, connect again and choose Allow."),),
    ),
    "restricted-domain": Trouble(
        _("Your org wants you to log in at its own address"),
        _("Your Salesforce admin has closed the general log-in page for your org (restricted domain)."),
        _NOTHING_STORED,
        (
            _(
                "Ask your Tandem admin to choose My Domain under “Salesforce app” and to enter your org's address, such as https://yourcompany.my.salesforce.com."
            ),
            _("Or log in to your org in another tab first."),
            _AGAIN,
        ),
    ),
    "app-blocked": Trouble(
        _("Your Salesforce admin has blocked this app"),
        _("Salesforce does not let anybody of your org sign in with it."),
        _NOTHING_STORED,
        (
            _("Ask your Salesforce admin to open Setup → Connected Apps OAuth Usage and to unblock it."),
            _("Let them also check that your profile has the permission “API Enabled”."),
            _AGAIN,
        ),
    ),
    "app-not-approved": Trouble(
        _("You are not approved for this app"),
        _("The app is set to “Admin approved users are pre-authorized”, and you are not among them."),
        _NOTHING_STORED,
        (
            _(
                "Ask your Salesforce admin to add your profile or a permission set of yours to the app's policies."
            ),
            _AGAIN,
        ),
    ),
    "app-not-installed": Trouble(
        _("The app is not installed in your org"),
        _("Since September 2025 Salesforce lets nobody sign in with an app that the org has not installed."),
        _NOTHING_STORED,
        (
            _(
                "Best: your Salesforce admin creates an External Client App in your own org, and your Tandem admin enters its consumer key and secret under “Salesforce app”."
            ),
            _("Or: Setup → Connected Apps OAuth Usage → Install, next to the app's name."),
            _AGAIN,
        ),
    ),
    "api-disabled": Trouble(
        _("Connected, but without the API"),
        _("Salesforce does not give you its API: your org's edition lacks it, or your profile does."),
        _(
            "You are connected and nothing was changed. Tasks, calls and emails cannot be synced through the API; emails can be logged by Email to Salesforce (BCC), which every edition has."
        ),
        (
            _(
                "Enterprise, Unlimited, Performance and Developer Edition have the API; Professional when it was bought."
            ),
            _(
                "If yours has it, ask your Salesforce admin for the permission “API Enabled”, then connect again."
            ),
            _("Otherwise use Email to Salesforce (BCC) under Sync Settings."),
        ),
    ),
    "ip-restricted": Trouble(
        _("Salesforce does not trust the network address of your Tandem server"),
        _(
            "Your org allows sign-ins from certain addresses only (IP restricted), and the server is not among them."
        ),
        _NOTHING_STORED,
        (
            _(
                "Ask your Salesforce admin to add the server's address under Setup → Network Access, or to set the app's policy to “Relax IP restrictions”."
            ),
            _AGAIN,
        ),
    ),
    "login-hours": Trouble(
        _("You may not log in to Salesforce at this hour"),
        _("Your profile has login hours, and this is outside of them."),
        _NOTHING_STORED,
        (_("Connect again within your login hours, or ask your Salesforce admin to widen them."),),
    ),
    "inactive": Trouble(
        _("This Salesforce user or org is not active"),
        _("Salesforce knows it, but it is switched off."),
        _NOTHING_STORED,
        (_("Ask your Salesforce admin to activate it."), _AGAIN),
    ),
    "wrong-app": Trouble(
        _("Salesforce does not know the app"),
        _("The consumer key or the consumer secret that Tandem has is not the right one."),
        _NOTHING_STORED,
        (
            _("A new app takes up to ten minutes until Salesforce knows it everywhere: wait, if it is new."),
            _("Your Tandem admin copies key and secret again, under “Salesforce app”."),
            _AGAIN,
        ),
    ),
    "wrong-callback": Trouble(
        _("The app does not know Tandem's address"),
        _("Salesforce only sends people back to addresses that are entered in the app, letter by letter."),
        _NOTHING_STORED,
        (
            _("Your Salesforce admin adds the callback URL, shown under “Salesforce app”, to the app."),
            _AGAIN,
        ),
    ),
    "wrong-address": Trouble(
        _("The address under “Salesforce app” is not one of Salesforce's"),
        _("Tandem sends people and their sign-ins to addresses of Salesforce only."),
        _NOTHING_STORED,
        (
            _(
                "Your Tandem admin corrects it under “Salesforce app”, such as https://yourcompany.my.salesforce.com."
            ),
            _AGAIN,
        ),
    ),
    "wrong-scope": Trouble(
        _("The app may not ask for what Tandem needs"),
        _("Tandem needs two scopes: “api” and “refresh_token”."),
        _NOTHING_STORED,
        (
            _(
                "Your Salesforce admin adds “Manage user data via APIs (api)” and “Perform requests at any time (refresh_token, offline_access)” to the app."
            ),
            _AGAIN,
        ),
    ),
    "too-late": Trouble(
        _("That took too long"),
        _("What Salesforce gave for this sign-in had run out or was used already."),
        _NOTHING_STORED,
        (_("Connect again."),),
    ),
    "not-begun": Trouble(
        _("This sign-in was not begun here"),
        _(
            "The answer from Salesforce does not belong to a sign-in that you began in this browser within the last ten minutes. It may have been used before, or somebody sent you the link."
        ),
        _NOTHING_STORED,
        (_("Connect again, in one browser, within ten minutes."),),
    ),
    "taken": Trouble(
        _("A colleague is connected as this Salesforce user"),
        _(
            "Another member of Tandem already uses this Salesforce user. Two people would write over each other."
        ),
        _NOTHING_STORED,
        (
            _("Log out of Salesforce, connect again, and log in as yourself."),
            _("Or let your colleague disconnect first."),
        ),
    ),
    "no-answer": Trouble(
        _("Salesforce could not be reached"),
        _("It did not answer, or not in time."),
        _NOTHING_STORED,
        (
            _("Connect again in a minute."),
            _(
                "If it lasts, let your Tandem admin check the network of the server and the address under “Salesforce app”."
            ),
        ),
    ),
    "limit": Trouble(
        _("Your org has no API calls left for now"),
        _("All programs together have used up what Salesforce allows in 24 hours."),
        _NOTHING_STORED,
        (_("Connect again later; Salesforce counts the last 24 hours."),),
    ),
    "other": Trouble(
        _("Salesforce did not let us sign in"),
        _("It gave the reason below."),
        _NOTHING_STORED,
        (_("Show this page to your Salesforce admin."), _AGAIN),
    ),
}

_BY_CODE = {
    "access_denied": "denied",
    "access-denied": "denied",
    "oauth_app_blocked": "app-blocked",
    "oauth_authorization_blocked": "app-blocked",
    "oauth_app_access_denied": "app-not-approved",
    "invalid_app_access": "app-not-approved",
    "oauth_ec_app_not_found": "app-not-installed",
    "oauth_approval_error_generic": "app-not-installed",
    "api_disabled_for_org": "api-disabled",
    "inactive_user": "inactive",
    "inactive_org": "inactive",
    "invalid_client_id": "wrong-app",
    "invalid_client": "wrong-app",
    "invalid_client_credentials": "wrong-app",
    "redirect_uri_mismatch": "wrong-callback",
    "redirect_uri_missing": "wrong-callback",
    "bad_instance_url": "wrong-address",
    "invalid_scope": "wrong-scope",
    "request_limit_exceeded": "limit",
    "not-begun": "not-begun",
    "taken": "taken",
    "unreachable": "no-answer",
    "time_out": "no-answer",
    "connection_lost": "no-answer",
    "unreadable_answer": "no-answer",
    "server_unavailable": "no-answer",
}
# What the description says counts before the code: invalid_grant and invalid_client stand for many things.
_BY_WORDS = (
    ("restricted domain", "restricted-domain"),
    ("restricted_domain", "restricted-domain"),
    ("must be installed", "app-not-installed"),
    ("not admin approved", "app-not-approved"),
    ("ip restricted", "ip-restricted"),
    ("login hours", "login-hours"),
    ("inactive user", "inactive"),
    ("inactive organization", "inactive"),
    ("authorization code", "too-late"),
)


def kind_of(code: str, said: str) -> str:
    """The key in TROUBLES of an error and its description."""
    words = f"{code} {said}".lower()
    for part, kind in _BY_WORDS:
        if part in words:
            return kind
    if code.lower().startswith("http_5"):
        return "no-answer"
    return _BY_CODE.get(code.lower(), "other")
