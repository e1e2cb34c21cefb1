"""Which addresses Tandem talks to: Salesforce's own hosts by https, and loopback when an orgbox is allowed.

An org's address is typed by people and may come back in a token answer; tokens are sent to it. So it is checked
against a short list before the first byte leaves (docs/salesforce.md §1.1).
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from tandem.salesforce.errors import BadInput

# Public clouds, Government Cloud (.mil) and Salesforce on Alibaba Cloud (.cn). Every My Domain, sandbox,
# developer, scratch and instance host lies below one of these.
SALESFORCE_DOMAINS = ("salesforce.com", "salesforce.mil", "sfcrmproducts.cn")
_LIGHTNING = {".lightning.force.com": ".my.salesforce.com", ".lightning.crmforce.mil": ".my.salesforce.mil"}
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_EXAMPLE = "https://yourcompany.my.salesforce.com"


def checked_instance_url(url: str, allow_loopback: bool) -> str:
    """`url` as scheme://host[:port] in lower case, if it is one of Salesforce's addresses; else BadInput.

    With `allow_loopback` also http or https to 127.0.0.0/8, ::1 or localhost, on any port.
    """
    parts = _split(url)
    host, port = _host_and_port(parts)
    if parts.username is not None or parts.password is not None:
        raise _bad("the address holds a user name or password", f"Give only the address, such as {_EXAMPLE}.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _bad(
            "the address goes on after the host",
            f"Leave out everything after the host: {parts.scheme}://{parts.netloc.lower()}",
        )
    if _is_loopback(host):
        return _loopback_url(parts.scheme, host, port, allow_loopback)
    if parts.scheme != "https":
        raise _bad("the address does not begin with https://", f"Write https://{host} instead.")
    if not _is_salesforce(host):
        raise _bad(f"{host} is not an address of Salesforce", _advice(host))
    if port not in (None, 443):
        raise _bad("the address names a port", f"Leave the port out: https://{host}")
    return f"https://{host}"


def _split(url: str) -> SplitResult:
    # urlsplit silently drops tabs and newlines and reads past backslashes; a browser would not agree with it.
    if not url.isascii() or re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise _bad("the address holds a space or a sign that no address has", f"Write it like {_EXAMPLE}.")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _bad("the address cannot be read", f"Write it like {_EXAMPLE}.") from error
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise _bad("the address does not begin with https://", f"Write it like {_EXAMPLE}.")
    return parts


def _host_and_port(parts: SplitResult) -> tuple[str, int | None]:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _bad("the port of the address is not a number", f"Write it like {_EXAMPLE}.") from error
    return host.lower(), port


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_salesforce(host: str) -> bool:
    named = _HOST.fullmatch(host) is not None
    return named and any(host.endswith(f".{domain}") for domain in SALESFORCE_DOMAINS)


def _loopback_url(scheme: str, host: str, port: int | None, allowed: bool) -> str:
    if not allowed:
        raise _bad(
            "the address points to this machine itself",
            f"Write your org's address, such as {_EXAMPLE}; for an orgbox start Tandem with TANDEM_ALLOW_ORGBOX=1.",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port is None else f"{scheme}://{shown}:{port}"


def _advice(host: str) -> str:
    for lightning, my_domain in _LIGHTNING.items():
        if host.endswith(lightning):
            return f"That is the page in the browser; write https://{host.removesuffix(lightning)}{my_domain}"
    return f"Use the My Domain address shown in Salesforce's Setup, such as {_EXAMPLE}."


def _bad(what: str, remedy: str) -> BadInput:
    return BadInput(what, code="BAD_INSTANCE_URL", remedy=remedy)
