"""How does a person run an org in a box? `orgbox serve`, `orgbox reset`."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from orgbox.clock import RealClock
from orgbox.http import create_app
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.http.oauth import OAuth
from orgbox.org import Org
from orgbox.persist import UnreadableOrg, load, save
from orgbox.server import serve as serve_app

app = typer.Typer(help="A Salesforce org in a box.", no_args_is_help=True, add_completion=False)

# Where a Tandem on the same machine waits for the browser to come back.
_CALLBACKS = [f"http://{host}:8000/settings/salesforce/callback" for host in ("127.0.0.1", "localhost")]

FileOption = Annotated[Path, typer.Option(help="The file the org is kept in.")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8001,
    file: Annotated[
        Path | None, typer.Option(help="Keep the org in this file; without it, it is forgotten.")
    ] = None,
    rotate_tokens: Annotated[bool, typer.Option(help="Give a new refresh token at each exchange.")] = False,
    callback: Annotated[
        list[str], typer.Option(help="An address the client app may have a browser sent back to.")
    ] = _CALLBACKS,
) -> None:
    """Serve an org until Ctrl-C."""
    try:
        org, beside = (
            load(file, RealClock()) if file is not None and file.exists() else (Org(RealClock()), {})
        )
    except UnreadableOrg as error:
        typer.secho(
            f"{error} Nothing was changed. Name another file, or run `orgbox reset --file {file}`.", err=True
        )
        raise typer.Exit(1) from None
    application = create_app(org, rotate_tokens=rotate_tokens, callbacks=callback)
    oauth: OAuth = application.state.oauth
    if "oauth" in beside:
        oauth.restore(beside["oauth"])
    _introduce(org, oauth, f"http://{host}:{port}")
    serve_app(application, host, port, None if file is None else _Keeper(org, oauth, file))


@app.command()
def reset(file: FileOption) -> None:
    """Forget a kept org: the next `orgbox serve --file` starts a new one."""
    if not file.exists():
        typer.secho(f"There is no org in {file}; nothing to forget.", err=True)
        raise typer.Exit(1)
    file.unlink()
    typer.echo(f"The org in {file} is forgotten.")


class _Keeper:
    """Saves an org and its consents to a file, when they have changed since the last time."""

    def __init__(self, org: Org, oauth: OAuth, file: Path) -> None:
        self._org, self._oauth, self._file = org, oauth, file
        self._kept: tuple[int, int] | None = None

    def __call__(self) -> None:
        changed = (self._org.state.changes, self._oauth.words)
        if changed != self._kept:
            save(self._org, self._file, {"oauth": self._oauth.as_json()})
            self._kept = changed


def _introduce(org: Org, oauth: OAuth, url: str) -> None:
    typer.echo(f"An org in a box at {url}")
    typer.echo(f"  org            {org.id}   {org.clock.now().astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(f"  client id      {oauth.app.client_id}")
    typer.echo(f"  client secret  {oauth.app.client_secret}")
    typer.echo(f"  password       {DEMO_PASSWORD}   of every user, on the log-in page")
    held = {grant.user_id: grant.current for grant in oauth.grants.values() if grant.current is not None}
    for user in org.scan("User"):
        token = held.get(user["Id"]) or oauth.authorise(user["Id"])
        typer.echo(f"  refresh token  {token}   {user['Username']}")


def main() -> None:
    """The console script."""
    app()
