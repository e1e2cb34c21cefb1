"""Ids are spelt as Salesforce spells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgbox.errors import OrgError
from orgbox.ids import DIGITS, IdMint, canonical, to15, to18


@pytest.mark.parametrize(
    "full",
    # Ids that Salesforce's own documentation and public recordings print.
    ["001xx000003DGb2AAG", "001D000000IqhSLIAZ", "000000000000000AAA"],
)
def test_the_checksum_tells_which_characters_are_capitals(full: str) -> None:
    assert to18(full[:15]) == full


@given(st.text(DIGITS, min_size=15, max_size=15))
def test_both_lengths_name_the_same_record(id15: str) -> None:
    assert canonical(id15) == canonical(to18(id15)) == to18(id15)
    assert to15(to18(id15)) == id15


@pytest.mark.parametrize("wrong", ["", "00T", "00T5g000001bBb-", "001xx000003DGb2AAA", None, 12, ["00T"]])
def test_what_is_no_id_is_refused(wrong: object) -> None:
    with pytest.raises(OrgError, match="MALFORMED_ID"):
        canonical(wrong)


def test_orgs_of_different_seeds_never_make_the_same_id() -> None:
    one, other = IdMint(1), IdMint(2)
    assert {one.new("00T") for _ in range(500)}.isdisjoint({other.new("00T") for _ in range(500)})


def test_an_org_of_the_same_seed_makes_the_same_ids() -> None:
    assert [IdMint(3).new("00T") for _ in range(3)] == [IdMint(3).new("00T")] * 3


def test_ids_ascend_in_the_order_they_are_made() -> None:
    mint = IdMint(7)
    made = [mint.new("00T") for _ in range(5000)]
    assert made == sorted(made)
    assert len({i[:15].lower() for i in made}) < len(made)  # neighbours that only a capital tells apart
