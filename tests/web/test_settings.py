"""What the environment decides, what is refused with a sentence, and what every answer carries."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tandem.config.settings import database, secret_key
from tandem.sync.round import LEASE


@pytest.mark.parametrize(
    "url",
    [
        "postgres-prod",
        "mysql://tandem:hunter2@db/tandem",
        "postgresql://tandem:hun#ter2@db:5432/tandem",
        "postgresql://tandem:hunter2@db:fivethousand/tandem",
        "postgresql://tandem:hunter2@db:5432",
        "sqlite://",
        "://",
    ],
)
def test_a_database_url_that_cannot_be_read_says_what_to_write_and_keeps_the_password(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        database(tmp_path, url)
    assert "Write it as postgresql://USER:PASSWORD@HOST:5432/NAME" in str(refused.value)
    assert "hun" not in str(refused.value)


def test_without_a_database_url_the_database_is_a_file_at_home(tmp_path: Path) -> None:
    settings = database(tmp_path / "new", None)
    assert settings["NAME"] == str(tmp_path / "new" / "tandem.sqlite3")
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_database_url_may_name_either_database(tmp_path: Path) -> None:
    assert database(tmp_path, "sqlite:////srv/tandem.sqlite3")["NAME"] == "/srv/tandem.sqlite3"
    assert database(tmp_path, "postgresql://tandem:a%40b@db:5432/sales")["PASSWORD"] == "a@b"


def test_on_postgresql_a_worker_that_stands_still_keeps_no_org_locked_beyond_its_lease(
    tmp_path: Path,
) -> None:
    plain = database(tmp_path, "postgresql://tandem@db/sales")["OPTIONS"]["options"]
    assert plain == f"-c idle_in_transaction_session_timeout={LEASE.seconds}s"
    own = "postgresql://tandem@db/sales?options=-c%20idle_in_transaction_session_timeout%3D5s&sslmode=require"
    settings = database(tmp_path, own)["OPTIONS"]
    assert settings == {"options": f"{plain} -c idle_in_transaction_session_timeout=5s", "sslmode": "require"}


def test_the_secret_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starters:
        keys = set(starters.map(secret_key, [tmp_path / "home"] * 8))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert [file.name for file in (tmp_path / "home").iterdir()] == ["secret-key"]
    assert stat.S_IMODE((tmp_path / "home" / "secret-key").stat().st_mode) == 0o600


@pytest.mark.parametrize("path", ["/sign-in", "/no-such-page", "/static/tandem/keys.js"])
def test_every_page_carries_the_strict_policy(db: None, path: str) -> None:
    answer = Client().get(path)
    if path.startswith("/static"):
        assert answer["X-Content-Type-Options"] == "nosniff"
        return
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_no_template_has_a_style_or_a_script_of_its_own() -> None:
    import tandem

    for template in Path(tandem.__file__).parent.glob("*/templates/**/*.html"):
        text = template.read_text()
        assert "style=" not in text, template
        assert "<script>" not in text, template
        assert "hx-on" not in text, template


def test_the_look_goes_out_compressed(db: None) -> None:
    answer = Client().get("/static/vendor/tabler.min.css", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer["Content-Encoding"]) == (200, "gzip")
    assert int(answer["Content-Length"]) < 100_000
