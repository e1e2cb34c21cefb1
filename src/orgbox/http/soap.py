"""How does a client without OAuth get a session? The SOAP call login() (docs/salesforce.md §1.6).

    POST /services/Soap/u/59.0   (partner) and /services/Soap/c/59.0 (enterprise), versions 31.0 to 64.0

Of SOAP's other calls only logout() is known. A refusal is a fault with status 500.
"""

from __future__ import annotations

import re

from orgbox.http.authorize import user_by_password
from orgbox.http.exchange import Incoming, Reply
from orgbox.http.markup import HEAD, UnreadableXml, find, read_xml, tag, tags, texts
from orgbox.http.oauth import SESSION_LIFE
from orgbox.http.service import Service
from orgbox.http.versions import OLDEST

_LAST_WITH_LOGIN = 64
_VERSION = re.compile(r"(\d{1,3})\.0")
_NAMESPACES = {"u": "urn:partner.soap.sforce.com", "c": "urn:enterprise.soap.sforce.com"}
_FAULTS = "urn:fault.partner.soap.sforce.com"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_NIL = "http://www.w3.org/2001/XMLSchema-instance"


def soap(service: Service, incoming: Incoming, flavour: str, version: str) -> Reply:
    """The reply to a SOAP envelope that holds login or logout."""
    shape = _VERSION.fullmatch(version)
    if shape is None or flavour not in _NAMESPACES:
        return _fault("UNSUPPORTED_API_VERSION", f"Invalid API version specified on URL: {version}")
    try:
        envelope = read_xml(incoming.body)
    except UnreadableXml as error:
        return _fault("UNKNOWN_EXCEPTION", f"The request is no SOAP envelope: {error}")
    if (login := find(envelope, "login")) is not None:
        if not OLDEST <= int(shape[1]) <= _LAST_WITH_LOGIN:
            return _fault("UNSUPPORTED_API_VERSION", f"login() is not available in API version {version}")
        return _login(service, incoming.base_url, flavour, version, texts(login))
    if find(envelope, "logout") is not None:
        given = find(envelope, "sessionId")
        service.oauth.sessions.pop("" if given is None else given.text or "", None)
        return _answer(flavour, "<logoutResponse/>")
    return _fault("UNKNOWN_EXCEPTION", "Of SOAP this org knows login and logout")


def _login(service: Service, base_url: str, flavour: str, version: str, given: dict[str, str]) -> Reply:
    org = service.org
    user_id = user_by_password(org, given.get("username", ""), given.get("password", ""))
    if user_id is None:
        said = "Invalid username, password, security token; or user locked out."
        return _fault("INVALID_LOGIN", said)
    user, own = org.get("User", user_id), org.get("Organization", org.id)
    # Python's sample for the Pub/Sub API reads these by their place, so the order is Salesforce's.
    info = tags(
        [
            ("accessibilityMode", False),
            ("currencySymbol", "$"),
            ("orgAttachmentFileSizeLimit", 5242880),
            ("orgDefaultCurrencyIsoCode", "USD"),
            ("orgDisallowHtmlAttachments", False),
            ("orgHasPersonAccounts", False),
            ("organizationId", org.id),
            ("organizationMultiCurrency", False),
            ("organizationName", own["Name"]),
            ("profileId", None),
            ("roleId", None),
            ("sessionSecondsValid", int(SESSION_LIFE.total_seconds())),
            ("userDefaultCurrencyIsoCode", None),
            ("userEmail", user["Email"]),
            ("userFullName", user["Name"]),
            ("userId", user_id),
            ("userLanguage", user["LanguageLocaleKey"]),
            ("userLocale", user["LocaleSidKey"]),
            ("userName", user["Username"]),
            ("userTimeZone", user["TimeZoneSidKey"]),
            ("userType", "Standard"),
            ("userUiSkin", "Theme3"),
        ]
    )
    result = tags(
        [
            ("metadataServerUrl", f"{base_url}/services/Soap/m/{version}/{org.id}"),
            ("passwordExpired", False),
            ("sandbox", bool(own["IsSandbox"])),
            ("serverUrl", f"{base_url}/services/Soap/{flavour}/{version}/{org.id}"),
            ("sessionId", service.oauth.open_session(user_id)),
            ("userId", user_id),
        ]
    )
    inner = tag("result", result + tag("userInfo", info, raw=True), raw=True)
    return _answer(flavour, tag("loginResponse", inner, raw=True))


def _answer(flavour: str, inner: str) -> Reply:
    body = (
        f'{HEAD}<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns="{_NAMESPACES[flavour]}" xmlns:xsi="{_NIL}">'
        f"<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
    )
    return Reply(200, body.encode(), {"Content-Type": "text/xml; charset=utf-8"})


def _fault(code: str, message: str) -> Reply:
    detail = tag("sf:exceptionCode", code) + tag("sf:exceptionMessage", message)
    fault = tag("faultcode", f"sf:{code}") + tag("faultstring", f"{code}: {message}")
    body = (
        f'{HEAD}<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns:sf="{_FAULTS}" xmlns:xsi="{_NIL}">'
        f"<soapenv:Body><soapenv:Fault>{fault}"
        f'<detail><sf:LoginFault xsi:type="sf:LoginFault">{detail}</sf:LoginFault></detail>'
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Reply(500, body.encode(), {"Content-Type": "text/xml; charset=utf-8"})
