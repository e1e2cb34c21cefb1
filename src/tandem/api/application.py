"""The API as one application: its endpoints, who may come in, and how every error reads."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tandem.api import problems
from tandem.api.endpoints import router
from tandem.api.problems import Problem
from tandem.api.reading import TokenAuth, sentences

log = logging.getLogger(__name__)

api = NinjaAPI(
    title="Tandem",
    version="1",
    description="Tell Tandem of emails and calls, and ask where they were logged in Salesforce.",
    urls_namespace="api",
    auth=TokenAuth(),
    docs_url=None,
    openapi_url=None,
)
api.add_router("", router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.answer(problem)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.answer(Problem(problems.NOT_SIGNED_IN, headers={"WWW-Authenticate": "Bearer"}))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, invalid: ValidationError) -> HttpResponse:
    # ("query", "limit") and ("path", "id"): callers know where they wrote it.
    found: Any = [{**error, "loc": error["loc"][1:]} for error in invalid.errors]
    return problems.answer(Problem(problems.INVALID, errors=sentences(found)))


@api.exception_handler(HttpError)
def _malformed(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.answer(Problem(problems.MALFORMED, str(error)))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problems.answer(Problem(problems.NOT_FOUND))


@api.exception_handler(Exception)
def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s failed. Nothing of it was stored.", request.method, request.path, exc_info=error)
    return problems.answer(Problem(problems.BROKEN))
