"""What is to go wrong? Set one of the faults, see which are set, and clear them."""

from __future__ import annotations

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from orgbox.faults import FAULTS, PLACES, Fault, UnknownFault
from orgbox.http.service import Service
from orgbox.workshop.frame import HOME, filled, go, page, table, wrong
from orgbox.workshop.moments import now_of


async def trouble(service: Service, request: Request) -> Response:
    """GET /orgbox/trouble; POST sets a fault, or clears all."""
    if request.method == "GET":
        return _show(service, request, "")
    form = await filled(request)
    if form.get("do") == "clear":
        service.faults.clear()
        return go(f"{HOME}/trouble")
    try:
        service.faults.add(**_wanted(form))
    except (UnknownFault, ValueError) as error:
        return _show(service, request, str(error), status=400)
    return go(f"{HOME}/trouble")


def _wanted(form: dict[str, str]) -> dict[str, Any]:
    """The words of a fault, as `Fault` has them. Raises ValueError for what is no number."""
    given = {name: str(value).strip() for name, value in form.items() if str(value).strip()}
    wanted: dict[str, Any] = {
        n: v for n, v in given.items() if n in ("name", "at", "method", "path", "body", "message")
    }
    wanted.setdefault("name", "")
    wanted["skip"] = int(given.get("skip", "0"))
    wanted["times"] = int(given.get("times", "1")) or None
    wanted["rate"] = float(given.get("rate", "100")) / 100
    wanted["seconds"] = float(given.get("seconds", "0"))
    return wanted


def _show(service: Service, request: Request, said: str, status: int = 200) -> Response:
    names = "".join(
        f'<option value="{name}">{name}: {escape(_first(words))}</option>' for name, words in FAULTS.items()
    )
    places = "".join(f"<option>{place}</option>" for place in ("", *PLACES))
    entries = "".join(
        f'<label>{label}<input name="{name}" value="{value}"></label>'
        for name, label, value in (
            ("method", "Method: GET, POST; of rows INSERT, UPDATE, DELETE", ""),
            ("path", "The path holds; of rows the sObject", ""),
            ("body", "The body, or the row, holds", ""),
            ("skip", "How many pass before it strikes", "0"),
            ("times", "How often it strikes; 0 is for ever", "1"),
            ("rate", "With which chance, in percent", "100"),
            ("seconds", "How long a delay is, in seconds", "0"),
            ("message", "Another sentence for a code", ""),
        )
    )
    form = (
        f'<h2>Let something go wrong</h2><form method="post"><div class="fields">'
        f'<label class="wide">What<select name="name">{names}</select></label>'
        f'<label>Where a code strikes<select name="at">{places}</select></label>{entries}</div>'
        '<p><button class="first">Set</button></p></form>'
    )
    rows = [(escape(f.name), _where(f), _left(f)) for f in service.faults.faults]
    clear = (
        '<form method="post"><p><button name="do" value="clear">Clear all</button></p></form>' if rows else ""
    )
    listed = table(("Fault", "Strikes", "How often"), rows, "Nothing goes wrong.")
    return page(request, "Trouble", wrong(said) + listed + clear + form, now=now_of(service), status=status)


def _first(words: str) -> str:
    return words.splitlines()[0] if words else ""


def _where(fault: Fault) -> str:
    asked = (("method", fault.method), ("path", fault.path), ("body", fault.body))
    found = [f"{name} {value}" for name, value in asked if value is not None]
    return escape(", ".join([fault.place, *found]))


def _left(fault: Fault) -> str:
    left = "for ever" if fault.times is None else f"{fault.times - fault.hits} more"
    return f"struck {fault.hits}, {left}"
