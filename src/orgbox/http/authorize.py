"""How does a person allow an app to act for them? The authorize address: log-in page, consent page, and back.

    GET  /services/oauth2/authorize    log-in page, consent page, or back to the app with a code
    POST /services/oauth2/authorize    Allow or Deny on the consent page
    POST /login                        user name and password, then on to where the person wanted to go

Every user of an orgbox has the same password, DEMO_PASSWORD: there is nothing here to protect.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from orgbox.http import pages
from orgbox.http.call import split_url
from orgbox.http.exchange import Incoming, Reply, token_refused
from orgbox.http.oauth import ClientApp, TokenError
from orgbox.http.service import Service
from orgbox.org import Org

DEMO_PASSWORD = "orgbox"  # noqa: S105  public on purpose
# What this org can grant; `openid` is not among them, because it makes no id_token.
SCOPES = frozenset({"api", "refresh_token", "offline_access", "id", "profile", "email", "web", "full"})
_AUTHORIZE = "/services/oauth2/authorize"
_COOKIE = "sid"
# The org's own pages, by the first part of their path: where a log-in may lead besides.
_OWN_PAGES = (["home"], ["personal"], ["setup"])


class _BackToApp(Exception):
    """The app is told at its callback: {error, error_description}."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


def authorize(service: Service, incoming: Incoming, params: Mapping[str, str]) -> Reply:
    """What the person sees at the authorize address, or where they are sent."""
    asked = incoming.form if incoming.method == "POST" else params
    try:
        app, callback = _app_and_callback(service, asked)
    except TokenError as error:
        return pages.trouble(error.error, error.description)
    try:
        return _decide(service, incoming, asked, app, callback)
    except _BackToApp as told:
        return _back(callback, asked, {"error": told.error, "error_description": told.description})


def log_in(service: Service, incoming: Incoming) -> Reply:
    """Check user name and password of the log-in form; back to the page where the person was going."""
    form = incoming.form
    wanted = form.get("startURL", "")
    own_page = urlsplit(wanted).path.split("/")[1:2] in _OWN_PAGES and not urlsplit(wanted).netloc
    if not wanted.startswith(f"{_AUTHORIZE}?") and not own_page:
        return pages.trouble("invalid_request", "nothing to go on to after the log-in")
    user = user_by_password(service.org, form.get("username", ""), form.get("pw", ""))
    if user is None:
        return pages.log_in(wanted, form.get("username", ""), refused=True)
    session = service.oauth.open_session(user)
    cookie = f"{_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax"
    if own_page:
        return Reply(302, b"", {"Location": wanted, "Set-Cookie": cookie})
    # A log-in that was asked for by `prompt` is done now; asking again would never end.
    _, params = split_url(*_split(wanted))
    params.pop("prompt", None)
    location = f"{_AUTHORIZE}?{urlencode(params)}"
    return Reply(302, b"", {"Location": location, "Set-Cookie": cookie})


def user_named(org: Org, username: str) -> str | None:
    """The active user of that name, in any case."""
    wanted = username.strip().lower()
    found = (user for user in org.scan("User") if str(user["Username"]).lower() == wanted)
    user = next(found, None)
    return str(user["Id"]) if user is not None and user["IsActive"] else None


def user_by_password(org: Org, username: str, password: str) -> str | None:
    """The active user who logs in so. No security token is asked for: every network is trusted here."""
    return user_named(org, username) if password == DEMO_PASSWORD else None


def told_to_the_app(service: Service, incoming: Incoming, error: str, description: str) -> Reply:
    """This refusal instead of a code or a token: at the app's callback, or as the token endpoint's answer."""
    if incoming.path != _AUTHORIZE:
        return token_refused(TokenError(error, description))
    asked = incoming.form if incoming.method == "POST" else split_url("", incoming.query)[1]
    try:
        _, callback = _app_and_callback(service, asked)
    except TokenError as refused:
        return pages.trouble(refused.error, refused.description)
    return _back(callback, asked, {"error": error, "error_description": description})


def _decide(
    service: Service, incoming: Incoming, asked: Mapping[str, str], app: ClientApp, callback: str
) -> Reply:
    scope = _scope(asked)
    challenge = _challenge(asked)
    user_id = logged_in(service, incoming)
    prompts = set(asked.get("prompt", "").split())
    if user_id is None or ("login" in prompts and incoming.method == "GET"):
        _only_if_people_may_be_asked(asked)
        return pages.log_in(f"{_AUTHORIZE}?{urlencode(asked)}", asked.get("login_hint", ""))
    if incoming.method == "POST":
        if asked.get("decision") != "allow":
            raise _BackToApp("access_denied", "end-user denied authorization")
    elif "consent" in prompts or not service.oauth.has_consent(user_id, app, scope):
        _only_if_people_may_be_asked(asked)
        username = str(service.org.get("User", user_id)["Username"])
        return pages.consent(_AUTHORIZE, asked, username, scope)
    code = service.codes.issue(user_id, app.client_id, callback, scope, challenge)
    return _back(callback, asked, {"code": code})


def _app_and_callback(service: Service, asked: Mapping[str, str]) -> tuple[ClientApp, str]:
    """Raises TokenError, which is shown to the person: an address nobody registered is never gone to."""
    app = service.oauth.client(asked.get("client_id", ""), None, secret_needed=False)
    callback = asked.get("redirect_uri", "")
    if not callback:
        raise TokenError("redirect_uri_missing", "missing redirect_uri")
    if callback not in app.callbacks:
        raise TokenError("redirect_uri_mismatch", "redirect_uri must match configuration")
    return app, callback


def _scope(asked: Mapping[str, str]) -> str:
    if asked.get("response_type") != "code":
        raise _BackToApp("unsupported_response_type", "response type not supported")
    scope = asked.get("scope") or "api refresh_token"
    if not SCOPES.issuperset(scope.split()):
        raise _BackToApp("invalid_scope", "the requested scope is not allowed")
    return scope


def _challenge(asked: Mapping[str, str]) -> str | None:
    if asked.get("code_challenge_method", "S256") != "S256":
        raise _BackToApp("invalid_request", "invalid code challenge method")
    return asked.get("code_challenge") or None


def _only_if_people_may_be_asked(asked: Mapping[str, str]) -> None:
    if asked.get("prompt") == "none" or asked.get("immediate") == "true":
        raise _BackToApp("immediate_unsuccessful", "not logged in, or not approved before")


def logged_in(service: Service, incoming: Incoming) -> str | None:
    """The user whose browser it is, by the cookie that the log-in gave; None for a stranger."""
    cookie = SimpleCookie(incoming.headers.get("cookie", "")).get(_COOKIE)
    session = service.oauth.sessions.get(cookie.value) if cookie is not None else None
    if session is None or session.dies_at <= service.org.clock.now():
        return None
    return session.user_id


def _back(callback: str, asked: Mapping[str, str], answer: Mapping[str, str]) -> Reply:
    state = {"state": asked["state"]} if "state" in asked else {}
    joint = "&" if urlsplit(callback).query else "?"
    return Reply(302, b"", {"Location": f"{callback}{joint}{urlencode({**answer, **state})}"})


def _split(address: str) -> tuple[str, str]:
    path, _, query = address.partition("?")
    return path, query
