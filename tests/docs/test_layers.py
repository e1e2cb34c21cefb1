"""Do the layers hold? What import-linter cannot see, read from the source itself.

Rules of the house: 6 (no call to Salesforce inside a transaction), 7 (one clock, one source of randomness), and what
must never be in the repository.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    file
    for folder in ("src", "tests")
    for file in ROOT.glob(f"{folder}/**/*.py")
    if "migrations" not in file.parts
)

#: Rule 7. Who may touch the wall clock or randomness, and why.
MAY_TOUCH_THE_WORLD = {
    "tandem/clock.py": "it is the one clock, and the one source of keys",
    "tandem/config/settings.py": "makes the secret key on first use, before there is a program to freeze",
    "tandem/connections/vault.py": "sleeps between two looks at a claim that another thread holds; decides by tandem.clock",
    "tandem/demo/lifelike.py": "a seeded cast of characters",
    "tandem/demo/run.py": "waits for edits that people make while the page is open",
    "tandem/demo/tour.py": "what a person at this machine sees: today's date, and the seconds a version needs to grow old",
    "orgbox/clock.py": "the port's real adapter, beside the virtual one",
    "orgbox/faults.py": "chances by seed",
}
WALL_CLOCK = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep", "localtime", "gmtime"},
    "timezone": {"now", "localdate", "localtime"},
    "os": {"urandom"},
}
RANDOM_MODULES = {"random", "secrets", "time"}
RANDOM_NAMES = {"uuid1", "uuid4", "get_random_secret_key", "get_random_string", "token_hex", "token_urlsafe"}

#: Rule of taste: a module above 300 lines says why it is one file.
LONGEST = 300
MAY_BE_LONG = {
    "src/tandem/sync/activity_store.py": "one port, one adapter",
    "src/tandem/emails/models.py": "all that is kept of mail; the rules between the tables are read together",
    "src/tandem/demo/tour.py": "one tour, read from top to bottom",
    "src/tandem/connections/explanations.py": "one table, a sentence an error",
    "src/tandem/salesforce/client.py": "one method an API call",
    "src/tandem/sync_settings/services.py": "the only writer of all sections, which lock and log alike",
}
#: A command line prints; nothing else does.
MAY_PRINT = ("src/tandem/cli/", "src/orgbox/cli.py")

NAMES_A_REGISTRY = (
    "requirements/prod.txt",
    "requirements/dev.txt",
    "package-lock.json",
    ".npmrc",
    "Makefile",
    "pyproject.toml",
)


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def tracked() -> list[str]:
    """Every file that git would take into the next commit."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nobody can say which files are in the repository")
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [file for file in told.stdout.splitlines() if (ROOT / file).is_file()]


def asks_the_world(module: ast.Module) -> Iterator[str]:
    """Every place of a module that asks the wall clock or a source of chance."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(value=ast.Name(id=whose) | ast.Attribute(attr=whose), attr=what):
                if what in WALL_CLOCK.get(whose, ()):
                    yield f"{whose}.{what} in line {node.lineno}"
            case ast.Import(names=names):
                yield from (f"import {alias.name}" for alias in names if alias.name in RANDOM_MODULES)
            case ast.ImportFrom(module=whence, names=names):
                if whence in RANDOM_MODULES:
                    yield f"from {whence} import …"
                yield from (f"import {alias.name}" for alias in names if alias.name in RANDOM_NAMES)


def test_only_the_clock_and_the_listed_files_touch_wall_clock_and_chance() -> None:
    touching = {
        file.relative_to(ROOT / "src").as_posix(): found
        for file in MODULES
        if file.is_relative_to(ROOT / "src") and (found := list(asks_the_world(tree(file))))
    }
    assert {file: found for file, found in touching.items() if file not in MAY_TOUCH_THE_WORLD} == {}
    assert set(MAY_TOUCH_THE_WORLD) - set(touching) == set(), "listed for no reason any more"


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.now()",
        "from time import monotonic",
        "from uuid import uuid4",
        "import secrets",
        "from django.utils import timezone\ntimezone.now()",
    ],
)
def test_each_way_to_ask_the_world_is_noticed(code: str) -> None:
    assert list(asks_the_world(ast.parse(code)))


def calls_in_transactions(module: ast.Module) -> Iterator[str]:
    """Every call on something named salesforce, lexically inside `with …transaction()` or `with …fenced()`."""
    for block in ast.walk(module):
        if not isinstance(block, ast.With) or not any(_holds(item.context_expr) for item in block.items):
            continue
        for node in (inner for statement in block.body for inner in ast.walk(statement)):
            if isinstance(node, ast.Call) and any(
                part.endswith("salesforce") for part in ast.unparse(node.func).split(".")[:-1]
            ):
                yield f"{ast.unparse(node.func)} in line {node.lineno}"


def _holds(expression: ast.expr) -> bool:
    called = ast.unparse(expression)
    return bool(re.search(r"\b(transaction|fenced|atomic)\(\)", called))


def test_the_engine_never_calls_salesforce_inside_a_transaction() -> None:
    found = {
        name(file): list(calls_in_transactions(tree(file))) for file in ROOT.glob("src/tandem/sync/*.py")
    }
    assert {file: calls for file, calls in found.items() if calls} == {}


def test_a_call_inside_a_transaction_is_noticed() -> None:
    bad = "with round_.store.transaction():\n    for pair in pairs:\n        round_.salesforce.by_id([pair])"
    assert list(calls_in_transactions(ast.parse(bad)))
    assert list(calls_in_transactions(ast.parse(bad.replace("store.transaction", "fenced"))))


def test_a_call_that_slips_into_a_transaction_anyway_is_refused_at_run_time(db: None) -> None:
    """The reading above is lexical; the adapter asks the database itself. `db` holds a transaction."""
    from tandem.config.salesforce_port import SalesforcePort

    port = SalesforcePort(client=None, key_field="Tandem_Key__c")  # type: ignore[arg-type]  # never reached
    with pytest.raises(RuntimeError, match="inside a database transaction"):
        port.by_id(["00T000000000001AAA"])


def test_nothing_but_a_command_line_prints() -> None:
    printing = {
        name(file)
        for file in MODULES
        if file.is_relative_to(ROOT / "src") and not name(file).startswith(MAY_PRINT)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printing == set()


def test_every_module_says_which_question_it_answers() -> None:
    assert [name(file) for file in MODULES if file.read_text() and not ast.get_docstring(tree(file))] == []


def test_a_module_of_more_than_300_lines_has_a_reason() -> None:
    long = {
        name(file)
        for file in MODULES
        if file.is_relative_to(ROOT / "src") and len(file.read_text().splitlines()) > LONGEST
    }
    assert long - set(MAY_BE_LONG) == set()
    assert set(MAY_BE_LONG) - long == set(), "listed for no reason any more"


@pytest.mark.parametrize("file", NAMES_A_REGISTRY)
def test_no_list_of_packages_says_where_they_came_from(file: str) -> None:
    lines = (ROOT / file).read_text().splitlines()
    addresses = [
        line for line in lines if re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", line)
    ]
    if file == "package-lock.json":  # whom to thank is no address of a package
        addresses = [
            line
            for line in addresses
            if not re.match(r'\s*"url": "https://(opencollective|github)\.com/', line)
        ]
    assert addresses == []


@pytest.mark.parametrize("file", ["uv.lock", "pylock.toml"])
def test_lock_files_with_addresses_stay_out(file: str) -> None:
    assert file not in tracked()
    assert file in (ROOT / ".gitignore").read_text().splitlines()


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    # Written apart, so that this file does not find itself.
    of_a_machine = re.compile(
        "|".join(["/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/", "C:" + r"\\"])
    )
    found = []
    for file in tracked():
        try:
            text = (ROOT / file).read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{file}: {line.strip()[:120]}" for line in text.splitlines() if of_a_machine.search(line)]
    assert found == []
