"""What do the pages of the workshop share? Head, look, and the way from one to another. Forms, and no script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

HOME = "/orgbox"
_PLACES = (
    (HOME, "Records"),
    (f"{HOME}/traffic", "Traffic"),
    (f"{HOME}/trouble", "Trouble"),
    (f"{HOME}/clock", "Clock"),
)
_STYLE = """
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1f2937; background: #f4f6f8; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding: .75rem 1.25rem;
  background: #fff; border-bottom: 1px solid #d9dee4; }
header strong { font-weight: 600; } header nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
header .now { margin-left: auto; font-size: .875rem; color: #55606e; }
nav a { color: #0b5cab; text-decoration: none; } nav a[aria-current] { color: #1f2937; font-weight: 600; }
main { max-width: 64rem; margin: 1.5rem auto; padding: 1.25rem 1.75rem 1.75rem; background: #fff;
  border: 1px solid #d9dee4; border-radius: .5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: 1.375rem; } h2 { margin: 1.5rem 0 .5rem; font-size: 1.0625rem; }
p { margin: 0 0 1rem; } .quiet { color: #55606e; font-size: .875rem; } a { color: #0b5cab; }
.scroll { overflow-x: auto; } table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .375rem .625rem .375rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e6eaee; }
th { font-size: .8125rem; color: #55606e; font-weight: 600; } td.number { text-align: right; }
form.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin-bottom: 1rem; }
label { display: block; font-weight: 600; font-size: .875rem; } label.tick { font-weight: 400; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .75rem 1.25rem;
  margin-bottom: 1.25rem; } .fields .wide { grid-column: 1 / -1; }
input:not([type=checkbox]), textarea, select { display: block; width: 100%; box-sizing: border-box; margin-top: .25rem;
  padding: .4375rem .5rem; font: inherit; font-weight: 400; color: inherit; background: #fff;
  border: 1px solid #868e99; border-radius: .375rem; }
button, .button { display: inline-block; padding: .4375rem 1rem; font: inherit; color: inherit; text-decoration: none;
  border: 1px solid #868e99; border-radius: .375rem; background: #fff; cursor: pointer; }
.first { background: #0b5cab; border-color: #0b5cab; color: #fff; }
.wrong { color: #b42318; } .saved { color: #1b7a3d; } dl { margin: 0; } dt { font-size: .8125rem; color: #55606e; } dd { margin: 0; min-height: 1.5em; }
:focus-visible { outline: 2px solid #0b5cab; outline-offset: 2px; }
@media (max-width: 30rem) { main { margin: .75rem; padding: 1rem; } }
"""


def page(
    request: Request,
    title: str,
    content: str,
    *,
    now: str,
    trail: Sequence[tuple[str, str]] = (),
    status: int = 200,
    refresh: int | None = None,
) -> Response:
    """A page; `now` is the org's time in words, `refresh` after how many seconds it loads itself again."""
    here = next((address for address, _ in reversed(_PLACES) if request.url.path.startswith(address)), HOME)
    places = "".join(
        f'<a href="{address}"{" aria-current=page" if address == here else ""}>{words}</a>'
        for address, words in _PLACES
    )
    again = "" if refresh is None else f'<meta http-equiv="refresh" content="{refresh}">'
    back = " › ".join(f'<a href="{escape(address)}">{escape(words)}</a>' for address, words in trail)
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{again}'
        f'<title>{escape(title)} · orgbox</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f'<body><header><strong>orgbox</strong><nav aria-label="Pages">{places}</nav>'
        f'<span class="now">{escape(now)}</span></header>'
        f"<main>{f'<p class=quiet>{back}</p>' if back else ''}<h1>{escape(title)}</h1>{content}</main></body></html>",
        status,
        {"Cache-Control": "no-store"},
    )


def go(address: str) -> Response:
    """On to another page, after something was done."""
    return RedirectResponse(address, 303)


async def filled(request: Request) -> dict[str, str]:
    """The fields of a posted form."""
    text = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True))


def is_from_elsewhere(request: Request) -> bool:
    """Whether another site's page sent this form: the workshop has no log-in that would keep it out."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def table(head: Iterable[str], rows: Iterable[Iterable[str]], empty: str) -> str:
    """A table of cells that are HTML already; a sentence when there is none."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return f'<p class="quiet">{empty}</p>'
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'


def wrong(message: str) -> str:
    """What did not work, first on the page."""
    return f'<p class="wrong" role="alert">{escape(message)}</p>' if message else ""
