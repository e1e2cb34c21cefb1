"""Does orgbox read the queries that Salesforce reads, and no others? Its own grammar, published for node, is the judge."""

from __future__ import annotations

import json
import os

import pytest

from orgbox.errors import OrgError
from orgbox.soql import parse
from tests.contract import node
from tests.contract.soql_sentences import Sentences

EACH = int(os.environ.get("ORGBOX_SENTENCES", "1000"))
"""How many queries of each seed; the twenty thousand of docs/orgbox-clients.md take ORGBOX_SENTENCES=5000."""

# A value that reads well and means nothing: a grammar does not mind, and stops looking where orgbox does.
_OF_VALUES = ("Invalid date", "Date literal", "Maximum SOQL offset")


def read_by_orgbox(text: str) -> bool | None:
    """Whether orgbox reads it; None when it refuses a value, which says nothing about the grammar."""
    try:
        parse(text)
    except OrgError as error:
        return None if error.message.splitlines()[-1].startswith(_OF_VALUES) else False
    return True


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_salesforces_own_grammar(seed: int) -> None:
    sentences = Sentences(seed)
    texts = [sentences.query() for _ in range(EACH)]
    judged = json.loads(node.run("soql_oracle.cjs", json.dumps(texts)))
    assert 0.2 < sum(judged) / EACH < 0.8, "the sentences are all right or all wrong, and so prove nothing"
    ours = [read_by_orgbox(text) for text in texts]
    differ = [
        (text, "read by Salesforce only" if theirs else "read by orgbox only")
        for text, theirs, mine in zip(texts, judged, ours, strict=True)
        if mine is not None and mine != theirs
    ]
    assert differ == []
