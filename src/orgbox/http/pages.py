"""What do people see while they log in and decide? Three small pages of HTML without script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from orgbox.http.exchange import Reply

_MEANINGS = {
    "api": "Read and change records that you can see and change, by the API",
    "refresh_token": "Do so at any time, also when you are not here",
    "offline_access": "Do so at any time, also when you are not here",
    "full": "Everything you may do",
    "web": "Open pages as you",
    "id": "See who you are",
    "profile": "See who you are",
    "email": "See your email address",
}
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · orgbox</title>
<link rel="icon" href="data:,">
<style>
body {{ margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1f2937; background: #f4f6f8; }}
main {{ max-width: 24rem; margin: 4rem auto; padding: 2rem; background: #fff; border: 1px solid #d9dee4;
  border-radius: .5rem; overflow-wrap: anywhere; }}
h1 {{ margin: 0 0 .25rem; font-size: 1.375rem; }}
p {{ margin: 0 0 1rem; }} .quiet {{ color: #55606e; font-size: .875rem; }}
label {{ display: block; margin-bottom: 1rem; font-weight: 600; }}
input {{ display: block; width: 100%; box-sizing: border-box; margin-top: .25rem; padding: .5rem; font: inherit;
  border: 1px solid #868e99; border-radius: .375rem; }}
ul {{ padding-left: 1.25rem; }}
button {{ padding: .5rem 1.25rem; font: inherit; border: 1px solid #868e99; border-radius: .375rem; background: #fff; }}
button.first {{ background: #0b5cab; border-color: #0b5cab; color: #fff; }}
.wrong {{ color: #b42318; }}
@media (max-width: 30rem) {{ main {{ margin: 1rem; padding: 1.25rem; }} }}
</style>
</head>
<body><main>
{content}
</main></body>
</html>
"""


def log_in(wanted: str, username: str, *, refused: bool = False) -> Reply:
    """The log-in page; `wanted` is where the person goes on to."""
    said = (
        '<p class="wrong" role="alert">Please check your username and password, and try again.</p>'
        if refused
        else ""
    )
    return _page(
        "Log in",
        f"""<h1>Log in</h1>
<p class="quiet">A Salesforce org in a box. Nothing here is real.</p>
{said}<form method="post" action="/login">
<input type="hidden" name="startURL" value="{escape(wanted)}">
<label>Username <input name="username" value="{escape(username)}" autocomplete="username" required autofocus></label>
<label>Password <input name="pw" type="password" autocomplete="current-password" required></label>
<button class="first">Log In</button>
</form>""",
    )


def consent(action: str, asked: Mapping[str, str], username: str, scope: str) -> Reply:
    """The question whether the app may act for this user, with all that was asked carried along."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
        if name != "decision"
    )
    meanings = dict.fromkeys(_MEANINGS[each] for each in scope.split())
    listed = "".join(f"<li>{escape(meaning)}</li>" for meaning in meanings)
    return _page(
        "Allow access?",
        f"""<h1>Allow access?</h1>
<p>The app asks to:</p>
<ul>{listed}</ul>
<p class="quiet">You are {escape(username)}. You can take this back at any time.</p>
<form method="post" action="{action}">{hidden}
<button class="first" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>""",
    )


def trouble(error: str, description: str) -> Reply:
    """What is shown when the browser must not be sent anywhere."""
    return _page(
        "OAuth error",
        f"""<h1>This app cannot be allowed</h1>
<p>It is not set up for what it asked. Contact whoever runs the app.</p>
<p class="quiet">error={escape(error)}<br>error_description={escape(description)}</p>""",
        400,
    )


def _page(title: str, content: str, status: int = 200) -> Reply:
    body = _FRAME.format(title=title, content=content).encode()
    headers = {"Content-Type": "text/html; charset=UTF-8", "Cache-Control": "no-store"}
    return Reply(status, body, headers)
