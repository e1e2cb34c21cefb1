"""What can go wrong with an email?

EmailError                what was asked for was not done
├── InvalidEmail          what came in is not an email that can be kept; `sentence` says why
│   └── ToldBySomebodyElse  a colleague's email has this Message-ID
├── InvalidDraft          what was typed cannot be sent or kept; a sentence per field
├── EmailNotFound         no such email, or it is not this member's
└── NotNow                the email is in another state by now
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


class EmailError(Exception):
    """Nothing was changed."""


class InvalidEmail(EmailError):
    """What came in cannot be kept as an email. Nothing was stored. `sentence`: why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ToldBySomebodyElse(InvalidEmail):
    """The email with this Message-ID is a colleague's already; its text is not shown to anybody else."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "An email with this Message-ID belongs to a colleague already. Nothing was stored; theirs stays as it is."
            )
        )


class InvalidDraft(EmailError):
    """What was typed cannot be kept or sent. Nothing was changed. `sentences`: field -> what to do, translated."""

    def __init__(self, sentences: Mapping[str, Any]) -> None:
        super().__init__(*(f"{field}: {sentence}" for field, sentence in sentences.items()))
        self.sentences = dict(sentences)


class EmailNotFound(EmailError):
    """There is no such email, or it belongs to somebody else: the two look alike on purpose."""


class NotNow(EmailError):
    """The email is in another state by now, so this can no longer be done with it. Nothing was changed."""
