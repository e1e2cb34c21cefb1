"""How do rows that depend on each other get in together, several families at once? Composite Graph (docs/salesforce.md §2.8).

Each graph is done as a whole or not at all; the others go on without it. After 14 graphs that failed the rest is
not tried.
"""

from __future__ import annotations

import re
from typing import Any

from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call
from orgbox.http.statuses import error_body
from orgbox.http.subrequests import Dispatch, Sub, all_or_none, composite_response, malformed, read_subs

_MOST_GRAPHS = 75
_MOST_NODES = 500
_MOST_DEEP = 15
_MOST_KINDS = 15
_MOST_FAILED = 14
_GRAPH_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_]*")
_REFERS_TO = re.compile(r"@\{([0-9A-Za-z_]+)")
_GIVEN_UP = OrgError(
    "PROCESSING_HALTED", "Too many graphs of this request have failed; this one was not tried"
)


def graph(call: Call, dispatch: Dispatch) -> Answer:
    """POST /composite/graph: 200 {graphs: [{graphId, graphResponse, isSuccessful}]}."""
    graphs = _read(call)
    told: list[dict[str, Any]] = []
    failed = 0
    for identifier, subs in graphs:
        if failed >= _MOST_FAILED:
            halted = Answer(400, error_body(_GIVEN_UP))
            answers, done = dict.fromkeys((sub.reference for sub in subs), halted), False
        else:
            answers, done = all_or_none(call, subs, dispatch)
            failed += not done
        response = composite_response(subs, answers)
        told.append({"graphId": identifier, "graphResponse": response, "isSuccessful": done})
    return Answer(200, {"graphs": told})


def _read(call: Call) -> list[tuple[str, list[Sub]]]:
    listed = call.json_object().get("graphs")
    if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
        raise malformed("graphs must be an array of graphs")
    if len(listed) > _MOST_GRAPHS:
        raise OrgError("LIMIT_EXCEEDED", f"A request may have at most {_MOST_GRAPHS} graphs")
    graphs = [(_identifier(each), read_subs(each.get("compositeRequest"), _MOST_NODES)) for each in listed]
    if len({identifier for identifier, _ in graphs}) < len(graphs):
        raise malformed("Each graphId must be different")
    if sum(len(subs) for _, subs in graphs) > _MOST_NODES:
        raise OrgError("LIMIT_EXCEEDED", f"A request may have at most {_MOST_NODES} nodes")
    for _, subs in graphs:
        _check(subs)
    return graphs


def _identifier(given: dict[str, Any]) -> str:
    identifier = given.get("graphId")
    if not isinstance(identifier, str) or not _GRAPH_ID.fullmatch(identifier):
        raise malformed(f"Invalid graph ID: {identifier}")
    return identifier


def _check(subs: list[Sub]) -> None:
    depth: dict[str, int] = {}
    kinds = set()
    for sub in subs:
        if not sub.resource.startswith("sobjects/"):
            raise malformed("A graph may only contain sobjects requests")
        kinds.add((sub.method, sub.resource.split("/")[1]))
        before = [depth.get(each, 0) for each in _REFERS_TO.findall(f"{sub.url} {sub.body}")]
        depth[sub.reference] = 1 + max(before, default=0)
    if max(depth.values()) > _MOST_DEEP:
        raise OrgError("LIMIT_EXCEEDED", f"A graph may be at most {_MOST_DEEP} levels deep")
    if len(kinds) > _MOST_KINDS:
        raise OrgError("LIMIT_EXCEEDED", f"A graph may have at most {_MOST_KINDS} different nodes")
