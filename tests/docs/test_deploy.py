"""Do the units and the compose file start commands that exist, with options that exist, and set variables that are read?"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from tandem.cli import app
from tests.docs.test_docs import read_from_the_environment

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def commands() -> list[tuple[str, list[str]]]:
    """Every command line of ours in deploy/, with the file it stands in."""
    found = [(unit.name, shlex.split(line)[1:]) for unit in UNITS for line in started_by(unit)]
    for name in ("compose.yaml", "Dockerfile"):
        lists = re.findall(
            r'^\s*(?:command:|CMD) \["tandem", (.+)\]$', (DEPLOY / name).read_text(), re.MULTILINE
        )
        found += [(name, re.findall(r'"([^"]+)"', words)) for words in lists]
    return found


def started_by(unit: Path) -> list[str]:
    return re.findall(r"^ExecStart=(.+/tandem .+)$", unit.read_text(), re.MULTILINE)


def test_every_way_of_deploying_starts_something() -> None:
    assert {name for name, _ in commands()} == {unit.name for unit in UNITS} | {"compose.yaml", "Dockerfile"}


@pytest.mark.parametrize(("name", "words"), commands(), ids=lambda given: str(given))
def test_what_is_started_is_a_command_with_options_that_it_has(name: str, words: list[str]) -> None:
    known = typer.main.get_command(app)
    command = known.commands[words[0]]  # type: ignore[attr-defined]
    command.make_context(words[0], words[1:])  # raises for an option or a value that it does not take


def test_every_variable_that_is_set_is_one_that_tandem_reads() -> None:
    given = set(re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "tandem.env").read_text(), re.MULTILINE))
    anchor = (DEPLOY / "compose.yaml").read_text().split("services:")[0]
    given |= set(re.findall(r"^    ([A-Z_]+):", anchor, re.MULTILINE))
    assert given >= {"DATABASE_URL", "TANDEM_SECRET_KEY", "TANDEM_ENCRYPTION_KEYS"}
    assert given <= read_from_the_environment()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_unit(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing; install Debian's package systemd")
    here = tmp_path / unit.name
    # The program and its user are on the server, not here: everything else is judged as it stands.
    text = re.sub(
        r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", unit.read_text(), flags=re.MULTILINE
    )
    here.write_text(re.sub(r"^User=.+$", "User=root", text, flags=re.MULTILINE))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(here)], capture_output=True, text=True, check=False
    )
    complaints = [line for line in told.stderr.splitlines() if unit.name in line]
    assert complaints == []
