"""What is in the org? The sObjects with their counts, and the latest records of one."""

from __future__ import annotations

from html import escape
from itertools import islice
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from orgbox.errors import OrgError
from orgbox.http.service import Service
from orgbox.records import Record
from orgbox.schema.types import ObjectSchema
from orgbox.workshop.frame import HOME, page, table
from orgbox.workshop.moments import now_of, said

_SHOWN = 50
_COLUMNS = ("Status", "StageName", "ActivityDate", "Email", "OwnerId")


def objects(service: Service, request: Request) -> Response:
    """GET /orgbox."""
    state = service.org.state
    rows = []
    for schema in sorted(state.schemas.values(), key=lambda schema: schema.name):
        table_of = state.tables[schema.name]
        made = f'<a href="{HOME}/records/{schema.name}/new">New</a>' if schema.createable else ""
        link = f'<a href="{HOME}/records/{schema.name}">{escape(schema.name)}</a>'
        rows.append((link, escape(schema.label), f"{len(table_of.records):,}", made))
    content = table(("sObject", "Label", "Records", ""), rows, "There are no sObjects.")
    return page(
        request, service.org.get("Organization", service.org.id)["Name"], content, now=now_of(service)
    )


def latest(service: Service, request: Request) -> Response:
    """GET /orgbox/records/{sobject}?q=: the 50 changed last that hold the words, deleted ones too."""
    try:
        schema = service.org.schema(request.path_params["sobject"])
    except OrgError as error:
        return page(
            request, "No such sObject", f"<p>{escape(error.message)}</p>", now=now_of(service), status=404
        )
    words = request.query_params.get("q", "")
    found = list(islice(_found(service, schema, words), _SHOWN))
    columns = [name for name in _COLUMNS if name in schema.by_name]
    rows = [_row(schema, record, columns) for record in found]
    made = f'<a class="button" href="{HOME}/records/{schema.name}/new">New</a>' if schema.createable else ""
    form = (
        f'<form class="row" method="get"><label>Search <input name="q" value="{escape(words)}"></label>'
        f"<button>Search</button>{made}</form>"
    )
    head = (schema.name_field, *columns, "Changed", "")
    said_of = f'<p class="quiet">{_summary(len(found), words)}</p>'
    content = form + said_of + table(head, rows, "Nothing here.")
    return page(
        request, schema.label_plural or schema.label, content, now=now_of(service), trail=[(HOME, "Records")]
    )


def address_of(schema: ObjectSchema, record: Record, **params: str) -> str:
    """Where a record is shown."""
    query = f"?{urlencode(params)}" if params else ""
    return f"{HOME}/records/{schema.name}/{record['Id']}{query}"


def _summary(found: int, words: str) -> str:
    which = f" with “{escape(words)}”" if words else ""
    return f"The {found} changed last{which}." if found == _SHOWN else f"{found}{which}."


def _found(service: Service, schema: ObjectSchema, words: str) -> list[Record] | filter[Record]:
    kept = service.org.state.tables[schema.name]
    records = (kept.records[identifier] for identifier in kept.by_stamp.backwards())
    wanted = words.casefold()
    return filter(lambda record: _holds(record, wanted), records)


def _holds(record: Record, wanted: str) -> bool:
    return not wanted or any(isinstance(v, str) and wanted in v.casefold() for v in record.values())


def _row(schema: ObjectSchema, record: Record, columns: list[str]) -> list[str]:
    name = escape(str(record[schema.name_field] or record["Id"]))
    cells = [f'<a href="{address_of(schema, record)}">{name}</a>']
    cells += [escape(str(record[column] or "")) for column in columns]
    cells.append(said(record["SystemModstamp"]))
    cells.append("deleted" if record["IsDeleted"] else "archived" if record["IsArchived"] else "")
    return cells
