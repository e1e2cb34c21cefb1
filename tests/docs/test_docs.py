"""Do the words around the code tell the truth? Links, names, variables, tables and commands are looked up."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import get_args
from urllib.parse import unquote

import pytest

from tandem.reminders.undo import UNDO_FOR
from tandem.sync import models, plan
from tandem.sync.pair import Closed
from tests.docs import rules

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"!?\[[^\]\n]*\]\((?P<to>[^)\s]+)\)")
#: A link to a Python file, and the functions named right behind it: [file](file.py) `first()` `Class.second()`
NAMED = re.compile(r"\]\((?P<to>[^)\s]+\.py)\)(?P<names>(?:\s+`[\w.]+\(\)`)+)")
FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
VARIABLE = re.compile(r"\b(?:TANDEM_[A-Z_]+|DATABASE_URL|DJANGO_SETTINGS_MODULE)\b")
RULE = re.compile(r"\b(?:(?:FS|TS|SF|CC|AD|EM|UN)-\d+|A\.\d+|[PI](?:1[0-6]|[1-9])|R[1-9])\b")
#: A section named in code: docs/page.md §2.4, §2.5
SECTIONS = re.compile(r"docs/(?P<page>[\w-]+)\.md (?P<numbers>§\d+(?:\.\d+)*(?:(?:,| and) §\d+(?:\.\d+)*)*)")
#: One named in a page: [page](page.md) §2.4, or §2.4 of the page itself
SECTION_OF_A_PAGE = re.compile(r"(?:\]\((?P<to>[\w./-]+\.md)\) )?§(?P<number>\d+(?:\.\d+)*)")
#: What people once called documents that nobody can open here.
UNKNOWN_DOCUMENT = re.compile(
    r"engine page|sync-engine|ten sentences|product rules? |design[, ]+(?:decision|§|[PD]\d)|\btrap \d",
    re.IGNORECASE,
)
#: Everything that speaks of documents in comments, but for this folder, which speaks of how they are named.
SOURCES = sorted(
    file
    for folder in ("src", "tests")
    for file in (ROOT / folder).rglob("*")
    if file.suffix in {".py", ".html", ".js", ".css", ".lark"} and file.parent != Path(__file__).parent
)

# Not "page": that is the browser's.
every_page = pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))


def prose(page: Path) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", page.read_text())


def section(page: str, heading: str) -> str:
    """The part of a page below `## heading`."""
    return (ROOT / page).read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def anchors(page: Path) -> set[str]:
    """The headings of a page as a link names them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def section_numbers(page: Path) -> frozenset[str]:
    """The numbers that the headings of a page begin with."""
    return frozenset(re.findall(r"^#+ (\d+(?:\.\d+)*)\.? ", prose(page), re.MULTILINE))


@cache
def defined(file: Path) -> set[str]:
    """Every function and class of a module, methods as Class.method."""
    names = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {
                f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)
            }
    return names


@cache
def read_from_the_environment() -> frozenset[str]:
    """The names that the program asks os.environ for."""
    return frozenset().union(*(_asked(file) for file in ROOT.glob("src/**/*.py")))


def _asked(file: Path) -> set[str]:
    asked = set()
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="environ")), args=[ast.Constant(str(name)), *_]
            ):
                asked.add(name)
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[ast.Constant(str(name)), *_]):
                asked.add(name)
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(str(name))):
                asked.add(name)
    return asked


@every_page
def test_every_link_leads_somewhere(document: Path) -> None:
    for to in LINK.findall(prose(document)):
        if "://" in to:
            continue
        path, _, heading = unquote(to).partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{document.name} links to {to}, which is not there"
        assert target.is_relative_to(ROOT), f"{document.name} links out of the repository: {to}"
        assert not heading or heading in anchors(target), (
            f"{document.name} links to a heading that is not there: {to}"
        )


@every_page
def test_every_function_named_behind_its_file_is_in_that_file(document: Path) -> None:
    for to, names in NAMED.findall(prose(document)):
        file = (document.parent / to).resolve()
        for name in re.findall(r"`([\w.]+)\(\)`", names):
            assert name in defined(file), f"{document.name} names {name}() in {to}, where it is not"


def test_every_section_that_the_code_names_is_a_heading_of_its_page() -> None:
    for file in SOURCES:
        for found in SECTIONS.finditer(file.read_text()):
            page = ROOT / "docs" / f"{found['page']}.md"
            assert page.exists(), f"{file.name} names {page.name}, which is not there"
            missing = set(re.findall(r"[\d.]+\d|\d", found["numbers"])) - section_numbers(page)
            assert not missing, f"{file.name} names {found[0]}, which has no heading for {missing}"


def test_no_section_is_named_without_its_page() -> None:
    assert [file.name for file in SOURCES if "§" in SECTIONS.sub("", file.read_text())] == []


def test_every_sentence_of_the_engine_that_the_code_names_is_one_of_the_ten() -> None:
    sentences = set(
        re.findall(r"^(\d+)\. \*\*", section("docs/engine.md", "1. The ten sentences"), re.MULTILINE)
    )
    assert len(sentences) == 10
    named = {n for file in SOURCES for n in re.findall(r"engine\.md §1, sentence (\d+)", file.read_text())}
    assert named <= sentences


@every_page
def test_every_section_that_a_page_names_is_a_heading(document: Path) -> None:
    for found in SECTION_OF_A_PAGE.finditer(re.sub(r"`[^`]*`", "", prose(document))):
        page = (document.parent / found["to"]).resolve() if found["to"] else document
        assert found["number"] in section_numbers(page), (
            f"{document.name} names §{found['number']} of {page.name}"
        )


def test_no_document_is_named_that_is_not_in_the_repository() -> None:
    for file in SOURCES:
        text = file.read_text()
        named = set(re.findall(r"[\w./-]*\w\.md\b", text))
        assert [name for name in named if not (ROOT / name).exists()] == [], file.name
        assert UNKNOWN_DOCUMENT.findall(text) == [], file.name


def test_every_decision_that_the_code_names_is_on_record() -> None:
    recorded = {record.name[:4] for record in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    named = {number for file in SOURCES for number in re.findall(r"docs/decisions/(\d+)", file.read_text())}
    assert named <= recorded


@every_page
def test_every_test_that_is_named_exists(document: Path) -> None:
    tests = "\n".join(file.read_text() for file in ROOT.glob("tests/**/test_*.py"))
    for name in re.findall(r"`(test_\w+)`", prose(document)):
        assert f"def {name}(" in tests


@pytest.mark.parametrize(
    "way", ["Back: from Salesforce to the screen", "There: from the screen to Salesforce"]
)
def test_every_hop_of_the_walk_names_its_file_and_its_function(way: str) -> None:
    hops = [line for line in section("ARCHITECTURE.md", way).splitlines() if re.match(r"\| \d", line)]
    assert [hop for hop in hops if not NAMED.search(hop)] == []
    assert {int(number) for hop in hops for number in re.findall(r"^\| (\d)", hop)} == set(range(1, 8))


def test_the_state_table_takes_every_step_that_a_plan_can_have() -> None:
    steps = {step.__name__ for step in get_args(plan.Step)}
    rows = [
        line
        for line in section("ARCHITECTURE.md", "The states of a link").splitlines()
        if line.startswith("| **")
    ]
    assert {step for row in rows for step in re.findall(r"`([A-Z]\w+)`", row.split("|")[3])} == steps


@pytest.mark.parametrize(
    "told", [Path(plan.__file__).read_text(), models.Link.__doc__], ids=["plan.py", "Link"]
)
def test_every_state_of_the_table_is_named_beside_the_branches_and_the_row(told: str) -> None:
    states = re.findall(
        r"^\| \*\*([\w -]+)\*\*", section("ARCHITECTURE.md", "The states of a link"), re.MULTILINE
    )
    words = " ".join(told.split())
    assert [state for state in states if not re.search(rf"(?<![\w-]){state}(?![\w-])", words)] == []


def test_every_word_for_closed_stands_beside_the_state_table() -> None:
    said = section("ARCHITECTURE.md", "The states of a link")
    assert [word for word in get_args(Closed) if f"`{word}`" not in said] == []


def test_the_state_diagram_shows_the_states_of_the_table_and_no_others() -> None:
    said = section("ARCHITECTURE.md", "The states of a link")
    diagram = FENCE.search(said)
    assert diagram is not None
    spelt = dict(re.findall(r'state "([\w-]+)" as (\w+)', diagram[0]))
    names = {alias: name for name, alias in spelt.items()}
    drawn = {names.get(end, end) for arrow in re.findall(r"(\S+) --> (\S+)", diagram[0]) for end in arrow} - {
        "[*]"
    }
    # The two that come and go within one step are arrows of the diagram.
    assert drawn == set(re.findall(r"^\| \*\*([\w -]+)\*\*", said, re.MULTILINE)) - {
        "Never-sent delete",
        "Deleted-both",
    }


def test_every_step_in_the_state_diagram_is_one_that_a_plan_can_have() -> None:
    diagram = FENCE.search(section("ARCHITECTURE.md", "The states of a link"))
    assert diagram is not None
    drawn = {
        word for arrow in re.findall(r"-->.*: (.+)", diagram[0]) for word in re.findall(r"\b[A-Z]\w+", arrow)
    }
    assert drawn <= {step.__name__ for step in get_args(plan.Step)}


def test_every_decision_is_listed_and_quoted_as_it_stands() -> None:
    listed = (ROOT / "docs/decisions/README.md").read_text()
    records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [record.name[:4] for record in records] == [f"{n:04}" for n in range(1, len(records) + 1)]
    for record in records:
        decision = re.search(r"^> \*\*(.+)\*\*$", record.read_text(), re.MULTILINE)
        assert decision is not None, f"{record.name} has no decision in one line"
        assert f"({record.name}) | {decision[1]} |" in listed


def test_every_variable_that_the_program_reads_is_explained_and_no_other() -> None:
    explained = set(re.findall(r"^\| `(\w+)` \|", section("docs/operating.md", "Environment"), re.MULTILINE))
    assert explained == read_from_the_environment()


@every_page
def test_every_variable_that_a_page_names_is_one_that_is_read(document: Path) -> None:
    assert set(VARIABLE.findall(document.read_text())) <= read_from_the_environment()


@every_page
def test_every_make_command_that_a_page_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", document.read_text(), re.MULTILINE)) <= targets


def test_every_folder_of_tests_says_what_it_asks() -> None:
    folders = {file.parent.relative_to(ROOT).as_posix() for file in ROOT.glob("tests/*/test_*.py")}
    assert folders <= set(LINK.findall(section("CONTRIBUTING.md", "Tests")))


def test_every_contract_of_the_imports_says_why() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    said = re.findall(
        r"^\| (\d\w?)\. ", section("CONTRIBUTING.md", "Which way imports may point"), re.MULTILINE
    )
    assert said == [contract["name"].split(".")[0] for contract in contracts]


def test_the_readme_begins_with_the_two_commands() -> None:
    first = (ROOT / "README.md").read_text()[:800]
    assert "make demo" in first
    assert "make test" in first


def test_what_the_readme_shows_of_the_demo_is_what_the_demo_says() -> None:
    """Every line of the excerpt is built from a sentence in the demo's source; figures may move."""
    shown = FENCE.findall(section("README.md", "What the demo prints"))[0].strip("`").splitlines()[1:]
    source = "".join(file.read_text() for file in ROOT.glob("src/tandem/demo/*.py"))
    for line in shown:
        what = re.match(r"✓ (.+?) → (.+?) · \d+ API calls?$", line)
        if what:
            assert what[1] in source
            assert what[2] in source or what[2] == "it is in Salesforce, hers, High"
    assert "are in step." in source


def test_the_rules_page_is_what_the_code_does() -> None:
    assert rules.PAGE.read_text() == rules.page(rules.PAGE.read_text()), (
        "python -m tests.docs.rules writes it anew"
    )
    assert {found["name"] for found in rules.MARKED.finditer(rules.PAGE.read_text())} == set(
        rules.generated()
    )


def test_every_rule_number_that_the_code_names_is_explained() -> None:
    explained = set()
    for page in ROOT.glob("docs/*.md"):
        for cell in re.findall(r"^\| \**([^|]+?)\** \|", page.read_text(), re.MULTILINE):
            explained |= set(RULE.findall(cell))
            for letters, first, last in re.findall(r"([A-Z]+-?)(\d+) … \1(\d+)", cell):
                explained |= {f"{letters}{n}" for n in range(int(first), int(last) + 1)}
    for file in SOURCES:
        assert set(RULE.findall(file.read_text())) - explained == set(), (
            f"{file.name} names rules that no page explains"
        )


def test_every_mutant_that_the_code_names_stands_on_the_page_of_faults() -> None:
    explained = set(re.findall(r"\bM\d+\b", (ROOT / "docs/faults.md").read_text()))
    named = {number for file in SOURCES for number in re.findall(r"\bM[1-9]\d?\b", file.read_text())}
    assert named - explained == set()


def test_a_delete_waits_as_long_as_its_undo_is_on_the_screen() -> None:
    keys = (ROOT / "src/tandem/pages/static/tandem/keys.js").read_text()
    shown = re.search(r"TOAST_FOR = ([\d_]+); // ms", keys)
    assert shown is not None
    assert int(shown[1]) / 1000 == plan.UNDO_HOLD.total_seconds()
    assert plan.UNDO_HOLD < UNDO_FOR
