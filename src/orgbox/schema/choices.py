"""Which statuses and priorities does the org know? The read-only lists behind two of Task's picklists."""

from __future__ import annotations

from orgbox.schema.audit import ID, STAMPS, read_only
from orgbox.schema.types import Field, ObjectSchema

_COMMON = (
    ID,
    read_only(Field("MasterLabel", "string", "Master Label", 255)),
    read_only(Field("ApiName", "string", "API Name", 255)),
    read_only(Field("SortOrder", "int", "Sort Order", digits=9)),
    read_only(Field("IsDefault", "boolean", "Is Default", nillable=False)),
)


def _choices(name: str, prefix: str, label: str, flag: Field) -> ObjectSchema:
    return ObjectSchema(
        name=name,
        key_prefix=prefix,
        label=label,
        label_plural=label,
        createable=False,
        updateable=False,
        deletable=False,
        replicateable=False,
        name_field="MasterLabel",
        fields=(*_COMMON, read_only(flag), *STAMPS),
    )


TASK_STATUS = _choices(
    "TaskStatus", "01T", "Task Status Value", Field("IsClosed", "boolean", "Closed", nillable=False)
)
TASK_PRIORITY = _choices(
    "TaskPriority",
    "04U",
    "Task Priority Value",
    Field("IsHighPriority", "boolean", "High Priority", nillable=False),
)
