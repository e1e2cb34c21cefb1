"""Whatever a tool sends to the addresses of the OpenAPI document: a clear answer, never a 500, nothing stored by halves.

Schemathesis makes the requests from the document, well-formed ones and broken ones, the same at every run.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tandem.accounts.models import Member
from tandem.accounts.services import create_member
from tandem.api import services
from tandem.api.document import document
from tandem.api.endpoints import RFC822
from tandem.calls.models import Call
from tandem.config.wsgi import application
from tandem.emails.models import Email, Recipient, Source
from tandem.people.models import Ignored, Person
from tandem.sync.models import Activity
from tests.by_the_document import bodies_of, repeatable

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
]
#: Requests of each of the seven operations: half a minute together.
EXAMPLES = 60


def without_security(written: dict[str, Any]) -> dict[str, Any]:
    """The document without its tokens: every request carries a good one here, and the others have tests of their own."""
    copy = deepcopy(written)
    del copy["components"]["securitySchemes"]
    for path in copy["paths"].values():
        for operation in path.values():
            del operation["security"]
    return copy


#: Lines that mail is made of, in any order and number, and bytes that are no mail at all.
LINES = (
    b"Message-ID: <1@acme.example>",
    b"Message-ID: <2@acme.example",
    b"From: Anna <anna@acme.example>",
    b"From: =?utf-8?q?=FF?= <a@b>",
    b"To: jan@veldkamp.example, jan@veldkamp.example, Piet",
    b"Cc: undisclosed-recipients:;",
    b"Subject: =?utf-8?b?!!!?=",
    b"Subject: " + b"x" * 2000,
    b"Date: yesterday",
    b"Date: Mon, 23 Nov 2026 10:00:00 +2500",
    b"Content-Type: text/plain; charset=no-such",
    b"Content-Type: multipart/mixed; boundary=x",
    b"Content-Transfer-Encoding: base64",
    b"",
    b"--x",
    b"\0\xff",
)
bodies_of(RFC822, LINES, b"\r\n", most=12, noise=200)

schema = schemathesis.openapi.from_dict(without_security(document()))
schema.app = application


@pytest.fixture
def secret(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(services, "LIMIT", 10**9)
    anna = create_member(email="anna@acme.example", name="Anna Bos", role="admin")
    return services.make_token(anna, "schemathesis").secret


def stored() -> dict[str, int]:
    """How many rows there are of everything that a request could leave behind."""
    kept = (Email, Recipient, Source, Call, Ignored, Person, Activity, Member)
    return {model.__name__: model.objects.count() for model in kept}


@schema.parametrize()
@repeatable(EXAMPLES)
def test_every_request_has_a_clear_answer_and_stores_all_of_it_or_nothing(
    case: schemathesis.Case, secret: str
) -> None:
    before = stored()
    response = case.call(headers={"Authorization": f"Bearer {secret}"})
    after = stored()
    case.validate_response(response, checks=CHECKS)
    if response.status_code == 201:
        made = response.json()
        assert whole(made) == made
        assert sum(after.values()) - sum(before.values()) == 1 + len(made.get("recipients", []))
    elif (case.method, response.status_code) != ("POST", 200):
        assert after == before
    if response.status_code >= 400:
        problem = response.json()
        assert problem["title"]
        assert problem["your_data"]
        assert problem["what_to_do"]


def whole(made: dict[str, Any]) -> dict[str, Any]:
    """What was answered; an email's recipients must all be there."""
    if "recipients" in made:
        assert Recipient.objects.filter(email=made["id"]).count() == len(made["recipients"])
    return made
