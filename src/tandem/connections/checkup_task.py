"""May we do with this org's Task what the sync and the logging need? Pure judgement on its describe."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tandem.connections.checkup_lines import Grade, Line, listed
from tandem.connections.describe import KEY_FIELD, create_mode
from tandem.connections.sales_fields import DESCRIBED_AS, SALES_FIELDS, SalesField
from tandem.connections.troubles import Words
from tandem.salesforce import Description, FieldInfo

#: The fields of Task that the sync writes (P2) or needs to name an owner.
SYNCED = ("Subject", "Status", "Priority", "ActivityDate", "Description", "OwnerId")
TYPES = ("Email", "Call", "Reply")


def judge_task(task: Description | None) -> list[Line]:
    """The lines about Task; one only when this user cannot see it."""
    if task is None:
        return [_hidden_task()]
    return [_permissions(task), _key_field(task), _type_values(task), _sales_fields(task)]


def _hidden_task() -> Line:
    return Line(
        "permissions",
        _("Permissions on Task"),
        Grade.FAIL,
        _("You cannot see tasks in Salesforce."),
        (_("Ask your Salesforce admin for read and edit access to tasks (profile: “Edit Tasks”)."),),
    )


def _permissions(task: Description) -> Line:
    title = _("Permissions on Task")
    missing = [
        word
        for may, word in (
            (task.createable, _("create")),
            (task.updateable, _("edit")),
            (task.deletable, _("delete")),
        )
        if not may
    ]
    if missing:
        return Line(
            "permissions",
            title,
            Grade.FAIL,
            format_lazy(_("You may not {what} tasks in Salesforce."), what=listed(missing)),
            (_("Ask your Salesforce admin for the profile permission “Edit Tasks”."),),
        )
    closed = [name for name in SYNCED if not _writable(task.fields.get(name))]
    if closed:
        return Line(
            "permissions",
            title,
            Grade.FAIL,
            format_lazy(_("You may not write {fields} of a task."), fields=listed(closed)),
            (
                _(
                    "Setup → Object Manager → Task → Fields → the field → Set Field-Level Security: visible, not read-only, for your profile."
                ),
            ),
        )
    return Line(
        "permissions",
        title,
        Grade.PASS,
        _("You may create, edit and delete tasks, and write every field we sync."),
    )


def _key_field(task: Description) -> Line:
    title = _("Unique key field")
    mode = create_mode(task.fields.values())
    if mode.unique:
        return Line(
            "key",
            title,
            Grade.PASS,
            format_lazy(
                _("{field} is there and unique: no task can be created twice, whatever breaks."),
                field=mode.field,
            ),
        )
    hidden = task.fields.get(KEY_FIELD)
    found = (
        format_lazy(
            _(
                "{field} is there, but it is not unique, not an external id, or you may not write it. Tandem works safely without; it looks before it repeats."
            ),
            field=KEY_FIELD,
        )
        if hidden is not None
        else format_lazy(
            _(
                "{field} is not there, or you may not see it. Tandem works safely without; it uses {fallback} and looks before it repeats, which costs some API calls."
            ),
            field=KEY_FIELD,
            fallback=mode.field,
        )
    )
    return Line(
        "key",
        title,
        Grade.WARN,
        found,
        (
            _("Setup → Object Manager → Activity → Fields & Relationships → New → Text."),
            format_lazy(
                _(
                    "Label “Tandem Key”, length 64, name “{name}”; tick “Do not allow duplicate values” (case sensitive) and “External ID”."
                ),
                name=KEY_FIELD.removesuffix("__c"),
            ),
            _("Make it visible for every profile that uses Tandem, and save. No page layout needs it."),
            _(
                "Or deploy the file below: with Workbench (Migration → Deploy) or “sf project deploy start --metadata-dir”; then set who may see the field."
            ),
            _("Connect again, so that Tandem begins to use it."),
        ),
    )


def _type_values(task: Description) -> Line:
    title = _("Type values Email, Call and Reply")
    type_ = task.fields.get("Type")
    where = _("Setup → Object Manager → Task → Fields & Relationships → Type.")
    if type_ is None:
        return Line(
            "type",
            title,
            Grade.WARN,
            _("You cannot see the field Type, so activities are logged without it."),
            (
                _(
                    "Setup → Object Manager → Task → Fields → Type → Set Field-Level Security: visible for your profile."
                ),
            ),
        )
    missing = [value for value in TYPES if value not in type_.picklist]
    if missing:
        return Line(
            "type",
            title,
            Grade.WARN,
            format_lazy(
                _(
                    "The picklist has no {values}. Such activities are logged without a type, and reports cannot tell them apart."
                ),
                values=listed(missing),
            ),
            (where, format_lazy(_("New values, spelled exactly: {values}."), values=listed(missing))),
        )
    if type_.preselected:
        return Line(
            "type",
            title,
            Grade.WARN,
            format_lazy(
                _("“{value}” is preselected, so every task made without a type counts as one."),
                value=type_.preselected,
            ),
            (where, _("Take the default away.")),
        )
    return Line("type", title, Grade.PASS, _("All three are there, and none is preselected."))


def _sales_fields(task: Description) -> Line:
    title = _("Fields for email and call details")
    tests: tuple[tuple[Words, Callable[[SalesField, FieldInfo | None], bool]], ...] = (
        (_("Missing or hidden"), lambda wanted, field: field is None),
        (_("Not writable"), lambda wanted, field: field is not None and not _writable(field)),
        (
            _("Of another type"),
            lambda wanted, field: field is not None and field.type not in DESCRIBED_AS[wanted.kind],
        ),
        (
            _("Too short"),
            lambda wanted, field: (
                field is not None
                and wanted.kind == "text"
                and field.type in DESCRIBED_AS["text"]
                and field.length < wanted.length
            ),
        ),
    )
    wrong: list[Words] = []
    for words, test in tests:
        named = [wanted.name for wanted in SALES_FIELDS if test(wanted, task.fields.get(wanted.name))]
        if named:
            wrong.append(listed([words, listed(named)], ": "))
    if not wrong:
        return Line("fields", title, Grade.PASS, _("All fifteen are there, writable and long enough."))
    return Line(
        "fields",
        title,
        Grade.WARN,
        format_lazy(
            _("{wrong}. Activities are logged all the same, without these details."),
            wrong=listed(wrong, ". "),
        ),
        (
            _(
                "If you want them in reports: create them on Activity with exactly these names, or deploy the file below."
            ),
            _("Make them visible and editable for every profile that uses Tandem."),
        ),
    )


def _writable(field: FieldInfo | None) -> bool:
    return field is not None and field.createable and field.updateable
