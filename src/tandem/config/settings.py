"""Which settings does Django run with, and which of them does the environment decide?

TANDEM_HOME         folder of the database and the secret key        (./var)
DATABASE_URL        another database than SQLite in that folder      (sqlite, postgresql)
TANDEM_SECRET_KEY   the key that signs sessions and links            (made once in TANDEM_HOME/secret-key)
TANDEM_HOSTS        names this server answers to, with commas        (localhost,127.0.0.1,[::1])
TANDEM_HTTPS        1 when people reach it by https                  (0)
TANDEM_ENCRYPTION_KEYS  the keys of stored tokens, with commas; the first encrypts (made once in TANDEM_HOME/keys)
TANDEM_MAIL_URL     the server that takes mails to members           (files in TANDEM_HOME/mail)
TANDEM_MAIL_FROM    whom they come from                              (Tandem <tandem@localhost>)
TANDEM_ALLOW_ORGBOX  1 lets an org on this machine stand in for Salesforce (0)
TANDEM_RELAY_PORT   port at which members' mail programs may send through Tandem  (no relay)
TANDEM_RELAY_HOST   address at which the relay listens                (127.0.0.1)
TANDEM_RELAY_CERTIFICATE, TANDEM_RELAY_KEY  PEM files of its certificate and key, needed with the port
TANDEM_ADDRESS      where people reach Tandem, for links in mails and in Salesforce  (no links)
TANDEM_METRICS_TOKEN  what Prometheus shows to read /metrics          (no such page)
TANDEM_LOG          json writes the log as one JSON object a line     (plain lines)
TANDEM_DEBUG        1 shows Django's own error pages; never for other people's eyes  (0)
"""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from tandem.config.mail_url import mail

PACKAGE = Path(__file__).resolve().parent.parent
TANDEM_HOME = Path(os.environ.get("TANDEM_HOME") or "var").resolve()
HTTPS = os.environ.get("TANDEM_HTTPS") == "1"
DEBUG = os.environ.get("TANDEM_DEBUG") == "1"
ALLOWED_HOSTS = (os.environ.get("TANDEM_HOSTS") or "localhost,127.0.0.1,[::1]").split(",")


def secret_key(home: Path) -> str:
    """The key in `home`/secret-key, made on first use and readable by its owner only.

    Two processes may start at once: each writes a file of its own, one link wins, and both read the winner.
    """
    place = home / "secret-key"
    if not place.exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)  # the members' tasks lie here
        with tempfile.NamedTemporaryFile("w", dir=home, prefix="secret-key.") as draft:  # mode 0600
            draft.write(get_random_secret_key())
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, place)
    return place.read_text()


def database(home: Path, url: str | None) -> dict[str, Any]:
    """Django's description of the database that `url` names; without one, SQLite in `home`.

    SQLite keeps its default synchronous=FULL on purpose: an intent must be on disk before the call it announces (I12).
    PostgreSQL ends a transaction whose process stands still for as long as a lease lasts (sync.round.LEASE): a machine
    that sleeps would else keep its org locked, and nobody could take it over.
    """
    if not url:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)  # the members' tasks lie here
        url = f"sqlite:///{home / 'tandem.sqlite3'}"
    settings: dict[str, Any]
    try:
        settings = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except ValueError:
        settings = {}
    if settings.get("ENGINE") == "django.db.backends.sqlite3" and settings["NAME"] not in ("", ":memory:"):
        # IMMEDIATE takes the write lock at BEGIN, so a transaction waits its turn instead of failing half way.
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}
        return {**settings, "OPTIONS": options}
    if settings.get("ENGINE") == "django.db.backends.postgresql" and settings.get("NAME"):
        given: dict[str, Any] = settings.get("OPTIONS", {})
        ours = f"-c idle_in_transaction_session_timeout=20s {given.get('options', '')}".strip()
        return {**settings, "OPTIONS": {**given, "options": ours}}
    # The URL itself is not repeated here: it may hold a password, and this sentence may reach a log.
    raise ImproperlyConfigured(
        "DATABASE_URL cannot be read, so nothing was started and your data is untouched. Write it as "
        "postgresql://USER:PASSWORD@HOST:5432/NAME or sqlite:////FULL/PATH/tandem.sqlite3 (signs such as @ or # in the "
        "password as %40, %23), or leave it out to use SQLite in TANDEM_HOME."
    )


SECRET_KEY = os.environ.get("TANDEM_SECRET_KEY") or secret_key(TANDEM_HOME)
DATABASES = {"default": database(TANDEM_HOME, os.environ.get("DATABASE_URL"))}
# Many machines need PostgreSQL, and there the wakes are stored too (docs/decisions/0028).
QUEUED = DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "tandem.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "tandem.reminders",
    "tandem.people",
    "tandem.emails",
    "tandem.calls",
    "tandem.habits",
    "tandem.pages",
    "tandem.audit",
    "tandem.connections",
    "tandem.schedules",
    "tandem.sync",
    "tandem.bcc",
    "tandem.sync_settings",
    "tandem.diagnostics",
    "tandem.timeline",
    "tandem.view_as",
    "tandem.unsubscribes",
    "tandem.api",
    *(["procrastinate.contrib.django"] if QUEUED else []),
]
MIDDLEWARE = [
    "tandem.probes.middleware.Probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "tandem.accounts.sessions.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tandem.accounts.middleware.FirstRun",
    "tandem.accounts.middleware.MembersOnly",
    "tandem.accounts.middleware.MemberPreferences",
    "tandem.connections.middleware.TellKeyTrouble",
    "tandem.config.attention.WakeForMembers",
]
ROOT_URLCONF = "tandem.config.urls"
WSGI_APPLICATION = "tandem.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# People: sign-in by email and password; every page but the sign-in is for members (MembersOnly).
AUTH_USER_MODEL = "accounts.Member"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of members who chose a password before: renewed as they sign in
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "command-center"
LOGOUT_REDIRECT_URL = "account_login"

# Signing in is allauth's (docs/decisions/0020).
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "tandem.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "change_password": "tandem.accounts.allauth_forms.ChangePassword",
    "set_password": "tandem.accounts.allauth_forms.FirstPassword",
    "reset_password_from_key": "tandem.accounts.allauth_forms.ForgottenPassword",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation's link was mailed to the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no mail from us
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_ADAPTER = "tandem.config.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "tandem.accounts.allauth_forms.TurnOnAuthenticator",
    "add_webauthn": "tandem.accounts.allauth_forms.AddPasskey",
    "edit_webauthn": "tandem.accounts.allauth_forms.RenamePasskey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Tandem"
MFA_TOTP_TOLERANCE = 1  # a phone's clock half a minute off still opens the door
MFA_ALLOW_UNVERIFIED_EMAIL = True  # see ACCOUNT_EMAIL_VERIFICATION
# The proxy that says “https” (SECURE_PROXY_SSL_HEADER) also says for whom: wrong passwords are counted per address.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0
# In the database, so that wrong passwords are counted once, however many processes serve; and large enough that nobody
# can push a count out of it by trying other names.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

# Mails to members; without a server the pages say so and show the links.
MAIL_GOES_OUT = (os.environ.get("TANDEM_MAIL_URL") or "").startswith("smtp")
globals().update(mail(TANDEM_HOME, os.environ.get("TANDEM_MAIL_URL")))
DEFAULT_FROM_EMAIL = os.environ.get("TANDEM_MAIL_FROM") or "Tandem <tandem@localhost>"

# The relay for members' mail programs (config/mail.py); without a port there is none.
RELAY_PORT = os.environ.get("TANDEM_RELAY_PORT") or ""
RELAY_HOST = os.environ.get("TANDEM_RELAY_HOST") or "127.0.0.1"
RELAY_CERTIFICATE = os.environ.get("TANDEM_RELAY_CERTIFICATE") or ""
RELAY_KEY = os.environ.get("TANDEM_RELAY_KEY") or RELAY_CERTIFICATE

# What machines may ask (probes/views.py).
METRICS_TOKEN = os.environ.get("TANDEM_METRICS_TOKEN") or ""
# For links that nobody's browser has asked for.
ADDRESS = (os.environ.get("TANDEM_ADDRESS") or "").rstrip("/")

# Words and hours: a member's own language and time zone are set by MemberPreferences.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# Static files are served from the installed packages themselves: there is no collectstatic step to forget and nothing
# that can be stale after an upgrade. Files are few; browsers keep them for a minute and then ask "changed since?".
# The one large file lies compressed beside itself (tools/vendor).
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

# Security: nothing but our own is ever loaded (docs/decisions/0002).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "tandem.pages.views.forbidden"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# HSTS for this name only: what else lives under the company's domain is not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "tandem.config.logs.Plain"}, "json": {"()": "tandem.config.logs.Json"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if os.environ.get("TANDEM_LOG") == "json" else "plain",
        }
    },
    "loggers": {
        "tandem": {"handlers": ["stderr"], "level": "INFO"},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "mail": {"level": "ERROR"},  # aiosmtpd's, which warns of itself at every sign-in
        "django.request": {"level": "ERROR"},  # a page that is not there is the browser's news, not ours
    },
}
