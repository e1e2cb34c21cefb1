"""What becomes of an answer whose session cannot be written? It is given all the same: what was done is done.

A full disk, or a PostgreSQL that goes down, may take the edit and then refuse the session's row, which holds the toast.
Django would answer with an error then, and whoever believes it does the thing again. It also would when somebody signed
out meanwhile in another window; the next page leads them to the sign-in.
"""

from __future__ import annotations

import logging

from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)


class Sessions(SessionMiddleware):
    """Django's, which loses at most what the session was to remember. A sign-in writes its own before it answers."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (SessionInterrupted, DatabaseError) as error:
            log.warning(
                "A session could not be written (%s). What was done is done; its toast is lost.", error
            )
            return response
