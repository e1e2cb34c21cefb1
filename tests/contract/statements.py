"""Which assumptions does `make contract` ask of an org? How their statements begin, by the test that asks."""

from __future__ import annotations

BY_TEST = {
    "test_white_space_and_line_ends": "Text loses trailing white space",
    "test_length_counts_code_points": "Length limits count Unicode code points",
    "test_the_texts_of_refusals": "The texts of STRING_TOO_LONG",
    "test_null_for_a_required_field": "Null for a required field with a default",
    "test_a_lead_and_a_what": "A Lead in WhoId with a WhatId",
    "test_an_update_that_changes_nothing": "An update that changes nothing",
    "test_deleting_moves_the_stamps": "Deleting moves LastModifiedDate",
    "test_reading_what_is_gone": "GET of a record in the bin",
    "test_a_condition_that_fails": "412 carries ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE",
    "test_a_condition_that_is_no_date": "A conditional header that is no HTTP date",
    "test_an_unknown_key_field": "An unknown external-id field in a path",
    "test_one_wrong_row_of_a_collection": "Unknown fields in one row of a collection",
    "test_a_reference_that_leads_nowhere": "A sub-request whose reference leads nowhere",
    "test_a_halted_batch": "What a halted batch left undone",
    "test_a_trees_errors": "A tree's results come in the order",
    "test_typeof_without_else": "TYPEOF without ELSE",
    "test_ids_that_are_deleted_along": "Records deleted along with a parent",
    "test_a_parents_key_that_nobody_has": "A parent named by a key",
    "test_groups_in_order": "Without ORDER BY, groups come null first",
}
PROVED = tuple(BY_TEST.values())
