"""How are records searched for by words? /search and /parameterizedSearch (docs/salesforce.md §2.4)."""

from __future__ import annotations

import re
from typing import Any

from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call
from orgbox.sosl import Returning, Search, read_search, search
from orgbox.view import View

_RESERVED = re.compile(r"([\\?&|!{}\[\]()^~*:\"'+-])")


def by_sosl(call: Call) -> Answer:
    """GET /search?q=FIND...: 200 {searchRecords}."""
    text = call.params.get("q")
    if not text:
        raise OrgError("MALFORMED_SEARCH", "A search string has to be specified")
    return _answer(call, read_search(text))


def by_parameters(call: Call) -> Answer:
    """GET ?q=words&sobject=X&fields=a,b, or POST {q, sobjects: [{name, fields, where, limit}], fields, in}."""
    given = call.json_object() if call.method == "POST" else _from_params(call)
    words = given.get("q")
    if not isinstance(words, str):
        raise OrgError("MALFORMED_SEARCH", "A search string has to be specified")
    group = str(given.get("in", "ALL")).upper().removesuffix(" FIELDS")
    escaped = _RESERVED.sub(lambda found: "\\" + found[0], words)
    read = read_search(f"FIND {{{escaped}}} IN {group} FIELDS")
    listed, fields = given.get("sobjects") or [], given.get("fields") or ["Id"]
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise OrgError("JSON_PARSER_ERROR", "sobjects must be an array of {name, fields, where, limit}")
    returning = tuple(_returning(each, fields) for each in listed)
    return _answer(call, Search(read.found, read.group, returning, read.limit))


def _from_params(call: Call) -> dict[str, Any]:
    named = [name for name in call.params.get("sobject", "").split(",") if name]
    fields = [name for name in call.params.get("fields", "").split(",") if name]
    return {"q": call.params.get("q"), "sobjects": [{"name": name} for name in named], "fields": fields}


def _returning(given: dict[str, Any], fields: Any) -> Returning:
    names = given.get("fields") or fields
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise OrgError("JSON_PARSER_ERROR", "fields must be an array of names")
    where, most = given.get("where"), given.get("limit")
    clauses = (f"WHERE {where} " if where else "") + (f"LIMIT {most}" if most is not None else "")
    return Returning(str(given.get("name", "")), ", ".join(names), clauses)


def _answer(call: Call, wanted: Search) -> Answer:
    state = call.service.org.state
    searchable = [schema for schema in state.schemas.values() if schema.createable]
    with call.transaction() as tx:
        return Answer(200, {"searchRecords": search(wanted, View(tx, call.prefix), searchable)})
