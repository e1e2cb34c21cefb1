"""The sentences and files that come with the pages: complete, current, and the ones we think they are."""

import ast
import gettext
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tandem

PACKAGE = Path(tandem.__file__).parent
DUTCH = PACKAGE / "locale/nl/LC_MESSAGES"
VENDOR = PACKAGE / "pages/static/vendor"


def sentences(po: Path) -> dict[tuple[str, int], str]:
    """(English, which plural) -> Dutch, as a .po file says it."""
    found: dict[tuple[str, int], str] = {}
    for block in po.read_text().split("\n\n"):
        texts: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            if line.startswith(("msg", '"')):
                keyword, _, quoted = line.partition('"')
                key = keyword.strip() or key
                texts[key] = texts.get(key, "") + ast.literal_eval('"' + quoted)
        english = "\x04".join(
            texts[key] for key in ("msgctxt", "msgid") if texts.get(key)
        )  # as a .mo joins them
        for key, dutch in texts.items():
            if english and key.startswith("msgstr"):
                found[english, int(key == "msgstr[1]")] = dutch
    return found


def test_the_dutch_speaks_to_its_reader_as_to_a_colleague() -> None:
    formal = re.compile(r"\bu(w|zelf)?\b", re.IGNORECASE)
    assert [dutch for dutch in sentences(DUTCH / "django.po").values() if formal.search(dutch)] == []


def test_every_sentence_has_dutch_words_and_none_is_a_guess() -> None:
    assert [english for english, dutch in sentences(DUTCH / "django.po").items() if not dutch] == []
    assert "fuzzy" not in (DUTCH / "django.po").read_text()


def test_the_compiled_sentences_are_those_of_the_source() -> None:
    with (DUTCH / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (english, which), dutch in sentences(DUTCH / "django.po").items():
        plural = compiled.ngettext(english, english, 1 if which == 0 else 2)
        assert dutch in (plural, compiled.gettext(english)), english


def test_no_sentence_in_the_program_is_left_out_of_the_dutch(tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        missing = "xgettext is missing: apt-get install gettext"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    copy = tmp_path / "tandem"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo"))
    collect = [
        sys.executable,
        "-P",
        "-m",
        "django",
        "makemessages",
        "-l",
        "nl",
        "--no-location",
        "--no-obsolete",
    ]
    subprocess.run(collect, cwd=copy, check=True, capture_output=True)
    collected = sentences(copy / "locale/nl/LC_MESSAGES/django.po")
    assert collected == sentences(DUTCH / "django.po")


def test_the_vendored_look_is_the_one_that_was_recorded() -> None:
    recorded = dict(reversed(line.split()) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    assert {file.name for file in VENDOR.iterdir()} - {"SHA256SUMS"} == set(recorded)
    for name, digest in recorded.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("name", ["tabler.min.css", "tabler.min.js"])
def test_the_vendored_look_asks_for_nothing_that_is_not_here(name: str) -> None:
    text = (VENDOR / name).read_text()
    assert "sourceMappingURL" not in text
    assert gzip.decompress((VENDOR / f"{name}.gz").read_bytes()).decode() == text


def test_a_date_is_written_as_the_readers_language_writes_it() -> None:
    """Django's own Dutch months are "Nov" in short; ours are in the catalogue, so no template says a short month itself."""
    said = re.compile(r"""\|(?:date|time):["'][^"']*(?:M|DATE|DATETIME)""")
    found = [
        f"{template.name}: {match}"
        for template in PACKAGE.rglob("*.html")
        for match in said.findall(template.read_text())
    ]
    assert found == []
    formats = {
        dutch
        for english, dutch in sentences(DUTCH / "django.po").items()
        if "in Django's date format" in english[0]
    }
    assert formats
    assert [dutch for dutch in formats if "M" in dutch] == []
