"""What each probe is answered. None of them asks Salesforce, and none tells a name, an address or a text."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from tandem.probes.readiness import checks


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all; it looks at nothing."""
    return _plain("ok\n")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this process can serve pages, 503 when not; with ?rounds, also 503 while rounds are late.

    Whoever balances load asks without: pages go on when the workers stand still.
    """
    found = checks()
    ready = found["database"] == "ok" and ("rounds" not in request.GET or found["rounds"] == "ok")
    answer = JsonResponse({"ready": ready, **found}, status=200 if ready else 503)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything in Prometheus' words, for whoever has TANDEM_METRICS_TOKEN; without one in the environment there is
    no such page."""
    token = settings.METRICS_TOKEN
    if not token:
        return _plain("There are no metrics: TANDEM_METRICS_TOKEN is not set.\n", status=404)
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        answer = _plain("This needs the token of TANDEM_METRICS_TOKEN.\n", status=401)
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    from prometheus_client import CONTENT_TYPE_LATEST  # needed by nobody who has no metrics

    from tandem.probes.metrics import exposition

    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        text, status=status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )
