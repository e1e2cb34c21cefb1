"""A tool with a token, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tandem.accounts.models import Member
from tandem.api import services

Ask = Callable[..., "HttpResponse"]

MESSAGE = b"""Message-ID: <20261123.1@acme.example>
From: Anna Bos <anna@acme.example>
To: Jan de Vries <jan@veldkamp.example>
Cc: piet@veldkamp.example
Subject: =?utf-8?q?Caf=C3=A9_offerte?=
Date: Mon, 23 Nov 2026 10:00:00 +0100

Dag Jan,
"""


def email(**other: Any) -> dict[str, Any]:
    return {
        "message_id": "20261123.1@acme.example",
        "sender": {"address": "anna@acme.example", "name": "Anna Bos"},
        "to": [{"address": "jan@veldkamp.example", "name": "Jan de Vries"}],
        "cc": [{"address": "piet@veldkamp.example"}],
        "subject": "Café offerte",
        "text": "Dag Jan,\n",
        "at": "2026-11-23T10:00:00+01:00",
        **other,
    }


def call(**other: Any) -> dict[str, Any]:
    return {"key": "dialer-1", "address": "jan@veldkamp.example", "at": "2026-01-23T10:00:00Z", **other}


@pytest.fixture
def tool() -> Callable[..., Ask]:
    """tool(member): asks with that member's token; tool(admin, team=True) with a team's."""

    def with_token(by: Member, *, team: bool = False) -> Ask:
        secret = services.make_token(by, "a tool", team=team).secret

        def ask(
            method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str
        ) -> Any:
            content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            more = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
            return Client().generic(
                method, f"/api/v1{path}", content, kind, HTTP_AUTHORIZATION=f"Bearer {secret}", **more
            )

        return ask

    return with_token
