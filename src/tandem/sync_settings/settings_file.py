"""The team's settings as a file: written for version control, read back with every mistake named.

JSON, one section a key, never a secret and nothing that is one member's own:

    {"tandem-settings": 1, "calls": {"log": true, "locked": false}, "subject": {"template": "..."}, ...}

A section that is left out stays as it is. Of tasks only the lock says anything: unlocked, each member chooses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tandem.sync_settings.errors import InvalidFile, InvalidSettings
from tandem.sync_settings.values import Section, Subject, Value, checked, plain
from tandem.sync_settings.words import SECTIONS, Difference, Words, differences

VERSION_KEY, VERSION = "tandem-settings", 1
LARGEST = 100_000
# A member's own: only whether it is locked is the team's.
_ONLY_THE_LOCK = (Section.EMAIL_BCC,)

Settings = dict[Section, dict[str, Any]]


def settings_of(team: Mapping[Section, tuple[Value, bool]], template: str) -> Settings:
    """The team's settings as a file holds them."""
    found: Settings = {}
    for section, (value, locked) in team.items():
        held = {} if section in _ONLY_THE_LOCK else plain(value)
        found[section] = {**held, "locked": locked}
    found[Section.SUBJECT] = plain(Subject(template))
    return found


def written(settings: Settings) -> str:
    """The file's text: always the same for the same settings, a line a field, so that a diff reads well."""
    named = {section.value: value for section, value in settings.items()}
    return json.dumps({VERSION_KEY: VERSION, **named}, indent=2, ensure_ascii=False) + "\n"


def read(content: bytes) -> Settings:
    """What a file says. Raises InvalidFile with a sentence that says what is wrong, and where."""
    if len(content) > LARGEST:
        raise InvalidFile(_("This file is far too long for a settings file. Nothing was changed."))
    try:
        found = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise InvalidFile(
            _(
                "This file is not JSON, so it cannot be read. Nothing was changed. Export a file and edit that."
            )
        ) from None
    version = found.pop(VERSION_KEY, None) if isinstance(found, dict) else None
    if type(version) is not int or version != VERSION:
        raise InvalidFile(
            _(
                "This is not a settings file of Tandem that can be read here. Nothing was changed. Export a file and edit that."
            )
        )
    return {_section(name): _checked(_section(name), value) for name, value in found.items()}


def compared(now: Settings, wanted: Settings) -> list[tuple[Words, list[Difference]]]:
    """What saving `wanted` would change, section by section; empty when nothing would."""
    changed = [
        (SECTIONS[section], differences(now[section], {**now[section], **value}))
        for section, value in wanted.items()
    ]
    return [(section, found) for section, found in changed if found]


def _section(name: str) -> Section:
    try:
        return Section(name)
    except ValueError:
        raise InvalidFile(
            format_lazy(
                _("The file names “{name}”, which is no section of the settings. Nothing was changed."),
                name=name,
            )
        ) from None


def _checked(section: Section, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InvalidFile(_at(section, "", _("This has to be an object. Nothing was changed.")))
    values = dict(given)
    lock = {} if section is Section.SUBJECT else {"locked": values.pop("locked", False)}
    if not all(isinstance(value, bool) for value in lock.values()):
        raise InvalidFile(_at(section, "locked", _("This can only be true or false. Nothing was saved.")))
    try:
        value = plain(checked(section, values))
    except InvalidSettings as invalid:
        field, sentence = next(iter(invalid.sentences.items()))
        raise InvalidFile(_at(section, field, sentence)) from None
    if section in _ONLY_THE_LOCK:
        if values:
            raise InvalidFile(
                _at(section, next(iter(values)), _("This is each member's own. Nothing was changed."))
            )
        return lock
    return {**value, **lock}


def _at(section: Section, field: str, sentence: Words) -> Words:
    place = f"{section.value}.{field}" if field else section.value
    return format_lazy("{place}: {sentence}", place=place, sentence=sentence)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidFile(
                format_lazy(
                    _("The file says “{name}” twice, and only one of them can hold. Nothing was changed."),
                    name=key,
                )
            )
        found[key] = value
    return found
