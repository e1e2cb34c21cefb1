"""What is one record, and how does a person change it? Written as the org's admin, with all that the API would check."""

from __future__ import annotations

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from orgbox.bulk.table import typed
from orgbox.errors import OrgError
from orgbox.http.service import Service
from orgbox.records import Record
from orgbox.schema.types import Field, ObjectSchema
from orgbox.workshop.frame import HOME, filled, go, page, wrong
from orgbox.workshop.inputs import entry, shown
from orgbox.workshop.moments import now_of
from orgbox.workshop.records import address_of


async def record(service: Service, request: Request) -> Response:
    """GET, POST /orgbox/records/{sobject}/{id}: the record; Save, Delete or Undelete."""
    org = service.org
    try:
        schema = org.schema(request.path_params["sobject"])
        found = org.get(schema.name, request.path_params["id"], deleted=True)
    except OrgError as error:
        return page(
            request, "No such record", f"<p>{escape(error.message)}</p>", now=now_of(service), status=404
        )
    service.recent.note(org.admin_id, found["Id"])
    if request.method == "GET":
        saved = '<p class="saved" role="status">Saved.</p>' if "saved" in request.query_params else ""
        return _show(service, request, schema, found, saved)
    form = await filled(request)
    try:
        match form.get("do"):
            case "delete":
                org.delete(schema.name, found["Id"])
            case "undelete":
                org.undelete(schema.name, found["Id"])
            case _:
                if changed := _changed(schema, found, form):
                    org.update(schema.name, found["Id"], changed)
    except OrgError as error:
        return _show(service, request, schema, found, _refused(error), form, status=400)
    return go(address_of(schema, found, saved=""))


async def new_record(service: Service, request: Request) -> Response:
    """GET, POST /orgbox/records/{sobject}/new."""
    try:
        schema = service.org.schema(request.path_params["sobject"])
    except OrgError as error:
        return page(
            request, "No such sObject", f"<p>{escape(error.message)}</p>", now=now_of(service), status=404
        )
    empty = Record(schema.defaults)
    if request.method == "GET":
        return _form(service, request, schema, empty, f"New {schema.label}", "")
    form = await filled(request)
    try:
        made = service.org.insert(schema.name, _changed(schema, Record(), form))
    except OrgError as error:
        return _form(
            service, request, schema, empty, f"New {schema.label}", _refused(error), form, status=400
        )
    return go(address_of(schema, service.org.get(schema.name, made), saved=""))


def _show(
    service: Service,
    request: Request,
    schema: ObjectSchema,
    found: Record,
    said: str,
    form: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    title = str(found[schema.name_field] or found["Id"])
    if not found["IsDeleted"] and schema.updateable:
        return _form(service, request, schema, found, title, said, form, status)
    facts = "".join(_fact(service, field, found) for field in schema.fields)
    back = '<form method="post"><button name="do" value="undelete">Undelete</button></form>'
    content = said + f'<dl class="fields">{facts}</dl>' + (back if found["IsDeleted"] else "")
    return page(request, title, content, now=now_of(service), trail=_trail(schema), status=status)


def _form(
    service: Service,
    request: Request,
    schema: ObjectSchema,
    found: Record,
    title: str,
    said: str,
    form: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    exists = "Id" in found
    entries, facts = [], []
    for field in schema.fields:
        if field.updateable if exists else field.createable:
            typed_in = None if form is None else form.get(field.name, "")
            entries.append(entry(field, found[field.name], typed_in))
        elif exists:
            facts.append(_fact(service, field, found))
    delete = '<button name="do" value="delete">Delete</button>' if exists and schema.deletable else ""
    content = (
        f'{said}<form method="post"><div class="fields">{"".join(entries)}</div>'
        f'<p><button class="first" name="do" value="save">Save</button> {delete}</p></form>'
    )
    if facts:
        content += f'<h2>Kept by Salesforce</h2><dl class="fields">{"".join(facts)}</dl>'
    return page(request, title, content, now=now_of(service), trail=_trail(schema), status=status)


def _trail(schema: ObjectSchema) -> list[tuple[str, str]]:
    return [(HOME, "Records"), (f"{HOME}/records/{schema.name}", schema.label_plural or schema.label)]


def _fact(service: Service, field: Field, found: Record) -> str:
    value = found[field.name]
    text = escape(shown(field, value))
    target = service.org.state.by_prefix.get(value[:3]) if field.reference_to and value else None
    if target is not None:
        text = f'<a href="{HOME}/records/{target.name}/{value}">{text}</a>'
    return f"<div><dt>{escape(field.label or field.name)}</dt><dd>{text}</dd></div>"


def _changed(schema: ObjectSchema, found: Record, form: dict[str, str]) -> dict[str, Any]:
    """The fields whose entry differs from what is there."""
    changed: dict[str, Any] = {}
    for field in schema.fields:
        if not (field.updateable if "Id" in found else field.createable):
            continue
        text = form.get(field.name, "")
        if field.type == "boolean":
            value: Any = field.name in form
            if value != bool(found[field.name]):
                changed[field.name] = value
        elif text.replace("\r\n", "\n") != shown(field, found[field.name]):
            changed[field.name] = typed(field, text) if text else None
    return changed


def _refused(error: OrgError) -> str:
    fields = f" ({', '.join(error.fields)})" if error.fields else ""
    return wrong(f"Nothing was changed. {error.code}: {error.message}{fields}")
