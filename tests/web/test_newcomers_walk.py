"""Does the README's walk work, from an empty folder to the first sync? How long it took is printed, and not asserted."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.web import walk

LARGEST = 150_000


def test_a_newcomer_walks_from_an_empty_folder_to_the_first_sync(
    tmp_path: Path, browser_type_launch_args: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    steps: list[tuple[str, float]] = []
    # Playwright's blocking interface runs once per thread, and this one's is the other tests'.
    person = threading.Thread(target=lambda: steps.extend(walk.walk(tmp_path / "home", pictures)))
    person.start()
    person.join()
    assert [step for step, _seconds in steps][-1:] == ["tasks in the Command Center"]
    with capsys.disabled():
        print(f"\nThe newcomer's walk:\n{walk.told(steps)}")
    drawn = {picture.name for picture in pictures.iterdir()}
    assert drawn == {picture.name for picture in walk.PICTURES.iterdir()}, (
        "python -m tests.web.walk draws them anew"
    )


def test_the_pictures_are_small_enough_for_a_readme() -> None:
    sizes = {picture.name: picture.stat().st_size for picture in walk.PICTURES.glob("*.png")}
    assert sizes
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_the_readme_shows_every_picture_of_the_walk() -> None:
    readme = (walk.PICTURES.parents[1] / "README.md").read_text()
    for picture in walk.PICTURES.glob("*.png"):
        assert f"(docs/pictures/{picture.name})" in readme
