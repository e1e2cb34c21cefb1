"""What does a member see when a stored secret cannot be read? The sentence of the error, and not a broken page."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tandem.encryption import KeyTrouble

log = logging.getLogger(__name__)


class TellKeyTrouble:
    """503 with what happened, what it means and what the admin does; the keys themselves are quoted nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, KeyTrouble):
            return None
        log.error("%s", exception)
        words = {"title": _("A secret cannot be read"), "sentence": str(exception)}
        return render(request, "pages/sorry.html", words, status=503)
