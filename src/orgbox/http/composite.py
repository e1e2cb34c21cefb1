"""How do up to 25 requests travel as one API call? Composite (docs/salesforce.md §2.8).

Sub-requests run in the order given. One may use values of those before it as `@{reference.path}`. Without
allOrNone each stands alone; with it, one refusal takes all of them back.
"""

from __future__ import annotations

from orgbox.errors import OrgError
from orgbox.http.call import Answer, Call
from orgbox.http.subrequests import (
    Dispatch,
    Sub,
    all_or_none,
    composite_response,
    each_alone,
    malformed,
    read_subs,
)

_MOST = 25
_MOST_HEAVY = 5


def composite(call: Call, dispatch: Dispatch) -> Answer:
    """POST /composite: 200 {compositeResponse: [{body, httpHeaders, httpStatusCode, referenceId}]}."""
    given = call.json_object()
    if unknown := given.keys() - {"allOrNone", "collateSubrequests", "compositeRequest"}:
        raise malformed(f'Unrecognized field "{min(unknown)}"')
    for flag in ("allOrNone", "collateSubrequests"):
        if not isinstance(given.get(flag, False), bool):
            raise malformed(f"{flag} must be true or false")
    subs = read_subs(given.get("compositeRequest"), _MOST)
    if sum(_is_heavy(sub) for sub in subs) > _MOST_HEAVY:
        raise OrgError(
            "LIMIT_EXCEEDED", f"At most {_MOST_HEAVY} subrequests may be queries or sObject collections"
        )
    if given.get("allOrNone", False):
        answers, _ = all_or_none(call, subs, dispatch)
    else:
        answers = each_alone(call, subs, dispatch)
    return Answer(200, composite_response(subs, answers))


def _is_heavy(sub: Sub) -> bool:
    return sub.resource.startswith(("query", "composite/sobjects"))
