"""What can go wrong when somebody saves a setting?

SettingsError             nothing was saved
├── InvalidSettings       a value cannot stay as it is; a sentence per field
│   └── NotPulled         Salesforce did not give the member's address; what is missing, and whose steps mend it
├── InvalidFile           a settings file cannot be read
├── AdminsOnly            only an admin may set this
├── SetByAdmin            an admin has locked this
└── NotConnected          there is no Salesforce to set this for
"""

from collections.abc import Mapping
from typing import Any

from tandem.bcc.words import Lack


class SettingsError(Exception):
    """Nothing was saved."""


class InvalidSettings(SettingsError):
    """These values cannot stay as they are. Nothing was saved. `sentences`: field -> what to do, translated lazily."""

    def __init__(self, sentences: Mapping[str, Any]) -> None:
        super().__init__(*(f"{field}: {sentence}" for field, sentence in sentences.items()))
        self.sentences = dict(sentences)


class NotPulled(InvalidSettings):
    """Salesforce did not give an address that can be activated. Nothing was saved. `lack`: what is missing (bcc.words)."""

    def __init__(self, lack: Lack) -> None:
        super().__init__({})
        self.lack = lack


class InvalidFile(SettingsError):
    """A settings file cannot be read. Nothing was changed. `sentence`: what is wrong with it, and where."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class AdminsOnly(SettingsError):
    """Only an admin may set this (UI-13, P11). Nothing was saved."""


class SetByAdmin(SettingsError):
    """An admin has locked this (P11). Nothing was saved."""


class NotConnected(SettingsError):
    """There is no Salesforce to set this for (CN-2). Nothing was saved."""
