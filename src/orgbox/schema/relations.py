"""What does an org have besides when Shared Activities are on? TaskRelation, and three fields of a Task (docs/salesforce.md §4.2)."""

from __future__ import annotations

from orgbox.schema.audit import ID, IS_DELETED, STAMPS, read_only
from orgbox.schema.types import Field, ObjectSchema

TASK_RELATION = ObjectSchema(
    name="TaskRelation",
    key_prefix="0RT",
    label="Task Relation",
    label_plural="Task Relations",
    name_field="Id",
    updateable=False,
    fields=(
        ID,
        Field(
            "RelationId",
            "reference",
            "Relation ID",
            18,
            nillable=False,
            updateable=False,
            reference_to=("Account", "Contact", "Lead", "Opportunity"),
            relationship_name="Relation",
            child_relationship="TaskRelations",
            cascade_delete=True,
        ),
        Field(
            "TaskId",
            "reference",
            "Task ID",
            18,
            nillable=False,
            updateable=False,
            reference_to=("Task",),
            relationship_name="Task",
            child_relationship="TaskRelations",
            cascade_delete=True,
        ),
        read_only(Field("IsWhat", "boolean", "Is What", nillable=False)),
        *STAMPS,
        IS_DELETED,
    ),
)

#: What a Task says of its relations.
OF_A_TASK = (
    read_only(Field("WhoCount", "int", "Relation Count", digits=8)),
    read_only(Field("WhatCount", "int", "Related To Count", digits=8)),
    Field("TaskWhoIds", "junctionidlist", "Relation IDs", filterable=False, sortable=False, groupable=False),
)
