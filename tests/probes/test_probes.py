"""What machines ask: does it live, is it ready, how does it do in numbers; and lines of the log that machines read."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tandem import clock
from tandem.config.logs import Json, Plain
from tandem.probes import readiness
from tandem.sync.models import OrgSync
from tests.activities.office import Office, open_office

TOKEN = "a token for the test"


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(monkeypatch) as office:
        office.rules()
        office.desk.switch_on("anna")
        yield office


def scraped(settings: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    settings.METRICS_TOKEN = TOKEN
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


# --- alive, ready -----------------------------------------------------------------------------------------------------


def test_it_lives_without_a_database_a_member_a_host_or_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/healthz", headers={"host": "10.1.2.3"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert Client().post("/healthz").status_code == 405


def test_it_is_ready_when_the_database_answers(db: None) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "database": "ok", "rounds": "ok"})
    assert answer["Cache-Control"] == "no-store"


def test_without_a_database_it_is_not_ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Any:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(readiness.connection, "cursor", gone)
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "fails")


def test_rounds_that_nobody_runs_are_told_and_count_only_for_who_asks_for_them(office: Office) -> None:
    office.desk.round()
    assert Client().get("/readyz?rounds").status_code == 200
    OrgSync.objects.update(next_round_at=clock.now() - timedelta(minutes=6))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["rounds"]) == (200, "late")
    assert Client().get("/readyz?rounds").status_code == 503
    office.desk.round()
    assert Client().get("/readyz?rounds").status_code == 200


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_without_a_token_in_the_environment_there_are_no_metrics(settings: Any, db: None) -> None:
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}"])
def test_without_the_right_token_nothing_is_told(settings: Any, db: None, given: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = Client().get("/metrics", headers={"Authorization": given})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"tandem_" not in answer.content


def test_prometheus_reads_what_goes_waits_and_needs_somebody(office: Office, settings: Any) -> None:
    desk = office.desk
    org = desk.connections["anna"].org.sf_id
    desk.create("Call Ann")
    desk.wait(seconds=4)
    desk.settle()
    desk.fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", at="row", path="Task", times=None)
    desk.create("Refused")
    desk.round()
    desk.create("Waits")
    desk.wait(seconds=9)
    found = scraped(settings)
    assert found["tandem_items_total", (("result", "done"),)] == 1
    assert found["tandem_items_total", (("result", "refused"),)] == 1
    assert (found["tandem_waiting", ()], found["tandem_waiting_oldest_seconds", ()]) == (1, 9)
    assert found["tandem_needs_you", (("code", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),)] == 1
    assert found["tandem_lag_seconds_bucket", (("le", "5.0"),)] == 1
    assert found["tandem_lag_seconds_bucket", (("le", "1.0"),)] == 0
    assert found["tandem_connections", (("state", "connected"),)] == 1
    assert found["tandem_org_api_calls_used", (("org", org),)] == desk.calls
    assert found["tandem_round_age_seconds", (("org", org),)] == 9
    assert found["tandem_rounds_late", ()] == 0


def test_no_name_and_no_text_of_anybody_is_in_the_numbers(office: Office, settings: Any) -> None:
    office.desk.create("Anna's secret")
    office.desk.round()
    settings.METRICS_TOKEN = TOKEN
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    for word in ("anna", "secret", "tandem.example"):
        assert word not in answer.content.decode().lower()


# --- lines of the log -------------------------------------------------------------------------------------------------

SECRET = "00D000000000001AAA!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL_QJWwYMfAbUeeG7c1E6LYUfiDUkWe6H34r1AAwOR8B"


def record(**more: Any) -> logging.LogRecord:
    return logging.LogRecord("tandem.sync", logging.WARNING, "x.py", 1, "Refused: %s", (SECRET,), **more)


def test_a_line_of_the_log_is_one_json_object_without_secrets() -> None:
    try:
        int(f"Bearer {SECRET}")
    except ValueError:
        line = Json().format(record(exc_info=sys.exc_info()))
    told = json.loads(line)
    assert "\n" not in line
    assert (told["level"], told["logger"], told["message"]) == ("warning", "tandem.sync", "Refused: •••")
    assert told["time"].endswith("+00:00")
    assert "ValueError" in told["error"]
    assert SECRET not in line


def test_a_line_for_people_hides_them_too() -> None:
    line = Plain().format(record(exc_info=None))
    assert "WARNING tandem.sync: Refused: •••" in line
