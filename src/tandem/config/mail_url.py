"""Where do mails to members go? To the server that TANDEM_MAIL_URL names; without one, into files at home."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_BACKENDS = "django.core.mail.backends"
#: scheme -> (default port, STARTTLS, TLS from the first byte)
_SERVERS = {"smtp": (25, False, False), "smtp+tls": (587, True, False), "smtps": (465, False, True)}
#: A page waits for its mail to be taken, and not longer than this (seconds).
_PATIENCE = 10


def mail(home: Path, url: str | None) -> dict[str, Any]:
    """Django's mail settings for `url`: smtp+tls://USER:PASSWORD@HOST:587, smtps://…, smtp://…, console:, file:///FOLDER.

    None: files in `home`/mail, whose folder is its owner's alone, because the links in them open accounts.
    """
    if not url:
        return _files(home / "mail")
    if url.rstrip("/") == "console:":
        return {"EMAIL_BACKEND": f"{_BACKENDS}.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.strip("/"):
        return _files(Path(unquote(parts.path)))
    try:
        default_port, starttls, tls = _SERVERS[parts.scheme]
        port = parts.port or default_port
    except (KeyError, ValueError):
        parts = urlsplit("")
    if not parts.hostname:
        # The URL itself is not repeated here: it may hold a password, and this sentence may reach a log.
        raise ImproperlyConfigured(
            "TANDEM_MAIL_URL cannot be read, so nothing was started and your data is untouched. Write it as "
            "smtp+tls://USER:PASSWORD@HOST:587, smtps://USER:PASSWORD@HOST:465 or smtp://HOST:25 (signs such as @ or # "
            "in the password as %40, %23), as console: or file:///FOLDER, or leave it out."
        )
    return {
        "EMAIL_BACKEND": f"{_BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": starttls,
        "EMAIL_USE_SSL": tls,
        "EMAIL_TIMEOUT": _PATIENCE,
    }


def _files(folder: Path) -> dict[str, Any]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {"EMAIL_BACKEND": f"{_BACKENDS}.filebased.EmailBackend", "EMAIL_FILE_PATH": str(folder)}
