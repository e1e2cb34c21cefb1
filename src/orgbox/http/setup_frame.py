"""What is around every page of the org's settings? The name of the org, the menu under the user's name, the way back."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from orgbox.http.exchange import Reply

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · orgbox</title>
<link rel="icon" href="data:,">
<style>
body {{ margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1f2937; background: #f4f6f8; }}
header {{ display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding: .5rem 1.25rem;
  background: #fff; border-bottom: 1px solid #d9dee4; }}
header > a {{ color: inherit; font-weight: 600; text-decoration: none; }}
.menu {{ position: relative; }}
.menu summary {{ padding: .375rem .75rem; cursor: pointer; border-radius: .375rem; }}
.menu nav {{ position: absolute; right: 0; min-width: 10rem; padding: .375rem; background: #fff; z-index: 1;
  border: 1px solid #d9dee4; border-radius: .5rem; box-shadow: 0 4px 12px rgb(31 41 55 / 12%); }}
.menu nav a {{ display: block; padding: .375rem .75rem; border-radius: .375rem; }}
main {{ max-width: 38rem; margin: 2rem auto; padding: 1.5rem 2rem 2rem; background: #fff; border: 1px solid #d9dee4;
  border-radius: .5rem; overflow-wrap: anywhere; }}
h1 {{ margin: 0 0 .75rem; font-size: 1.375rem; }}
p {{ margin: 0 0 1rem; }} .quiet {{ color: #55606e; font-size: .875rem; }}
a {{ color: #0b5cab; }}
.trail {{ margin: 0 0 .25rem; font-size: .875rem; color: #55606e; }}
.links {{ margin: 0; padding: 0; list-style: none; }}
.links li {{ border-top: 1px solid #e6eaee; }} .links li:last-child {{ border-bottom: 1px solid #e6eaee; }}
.links a {{ display: block; padding: .625rem .25rem; text-decoration: none; }}
.fact b {{ display: block; font-size: .875rem; }}
label {{ display: block; margin-bottom: 1rem; font-weight: 600; }}
label.tick {{ margin-bottom: .5rem; font-weight: 400; }}
fieldset {{ margin: 0 0 1rem; padding: .75rem 1rem .5rem; border: 1px solid #d9dee4; border-radius: .375rem; }}
legend {{ padding: 0 .375rem; font-weight: 600; }} fieldset label:not(.tick) {{ font-weight: 400; margin: .5rem 0; }}
input:not([type=checkbox]), textarea, select {{ display: block; width: 100%; box-sizing: border-box; margin-top: .25rem;
  padding: .5rem; font: inherit; font-weight: 400; color: inherit; background: #fff; border: 1px solid #868e99;
  border-radius: .375rem; }}
label:has(+ .quiet) {{ margin-bottom: .25rem; }}
button, .button {{ display: inline-block; padding: .5rem 1.25rem; font: inherit; color: inherit; text-decoration: none;
  border: 1px solid #868e99; border-radius: .375rem; background: #fff; cursor: pointer; }}
.first {{ background: #0b5cab; border-color: #0b5cab; color: #fff; }}
.wrong {{ color: #b42318; }} .saved {{ color: #1b7a3d; }}
:focus-visible {{ outline: 2px solid #0b5cab; outline-offset: 2px; }}
@media (max-width: 30rem) {{ main {{ margin: 1rem; padding: 1.25rem; }} }}
</style>
</head>
<body>
<header><a href="/home">orgbox</a>
<details class="menu"><summary>{name}</summary><nav aria-label="{name}">{menu}</nav></details></header>
<main>{trail}<h1>{title}</h1>
{content}
</main></body>
</html>
"""


def page(
    title: str,
    content: str,
    trail: Sequence[tuple[str, str]],
    name: str,
    *,
    is_admin: bool,
    status: int = 200,
) -> Reply:
    """A page of the settings; trail: (address, words) of the pages that lead to it."""
    menu = '<a href="/personal">My Settings</a>' + ('<a href="/setup">Setup</a>' if is_admin else "")
    back = " › ".join(f'<a href="{address}">{escape(words)}</a>' for address, words in trail)
    html = _FRAME.format(
        title=escape(title),
        content=content,
        name=escape(name),
        menu=menu,
        trail=f'<p class="trail">{back}</p>' if back else "",
    )
    headers = {"Content-Type": "text/html; charset=UTF-8", "Cache-Control": "no-store"}
    return Reply(status, html.encode(), headers)


def links(found: Sequence[tuple[str, str]]) -> str:
    """A list of pages, "" for none."""
    items = "".join(f'<li><a href="{address}">{escape(words)}</a></li>' for address, words in found)
    return f'<ul class="links">{items}</ul>' if items else ""


def go(address: str) -> Reply:
    """On to another page, after something was saved."""
    return Reply(303, b"", {"Location": address})
