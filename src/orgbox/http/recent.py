"""Which records did a user touch last? /recent, and recentItems of an sObject.

A real org remembers what people open on its pages. Here it is what a user made, changed or opened one by one, by the API
or on the box's own pages.
"""

from __future__ import annotations

from typing import Any

from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call
from orgbox.org import Org
from orgbox.records import Record

_MOST = 200


class Recent:
    """The latest ids of each user, newest last."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, None]] = {}

    def note(self, user_id: str, identifier: str) -> None:
        """This user touched this record now."""
        ids = self._ids.setdefault(user_id, {})
        ids.pop(identifier, None)
        ids[identifier] = None
        if len(ids) > _MOST:
            del ids[next(iter(ids))]

    def of(self, org: Org, user_id: str, sobject: str | None = None) -> list[tuple[str, Record]]:
        """(sObject, record), newest first, without those that are gone."""
        found = []
        for identifier in reversed(self._ids.get(user_id, {})):
            name = org.state.by_prefix[identifier[:3]].name
            if sobject in (None, name):
                try:
                    found.append((name, org.get(name, identifier)))
                except OrgError:
                    continue
        return found


def recent(call: Call) -> Answer:
    """GET /recent?limit=: [{attributes, Id, Name}], newest first."""
    return Answer(200, recent_items(call)[: call.number("limit")])


def recent_items(call: Call, sobject: str | None = None) -> list[dict[str, Any]]:
    """What the user of this call touched last."""
    org = call.service.org
    return [
        {
            "attributes": {"type": name, "url": f"{call.prefix}/sobjects/{name}/{record['Id']}"},
            "Id": record["Id"],
            "Name": record[org.schema(name).name_field],
        }
        for name, record in call.service.recent.of(org, call.user_id, sobject)
    ]
