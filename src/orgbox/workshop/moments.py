"""How are moments said on the pages of the workshop? In UTC, to the second, as the org keeps them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orgbox.http.service import Service


def said(moment: Any) -> str:
    """2026-03-02 09:00:00."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if isinstance(moment, datetime) else ""


def now_of(service: Service) -> str:
    """The org's time, for the head of a page."""
    return f"{said(service.org.clock.now())} UTC"
