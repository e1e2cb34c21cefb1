"""How does a person run an org in a box? `orgbox serve`, `orgbox fault`, `orgbox reset`."""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

import typer

from orgbox.clock import ShiftedClock
from orgbox.errors import OrgError
from orgbox.faults import FAULTS, PLACES
from orgbox.http import create_app
from orgbox.http.assertion import UnreadableCertificate, certified
from orgbox.http.authorize import DEMO_PASSWORD
from orgbox.http.oauth import OAuth
from orgbox.org import Org
from orgbox.persist import UnreadableOrg, load, save
from orgbox.server import serve as serve_app
from orgbox.setup import UnreadableSetup, set_up

app = typer.Typer(help="A Salesforce org in a box.", no_args_is_help=True, add_completion=False)

# Where a Tandem on the same machine waits for the browser to come back.
_CALLBACKS = [f"http://{host}:8000/settings/salesforce/callback" for host in ("127.0.0.1", "localhost")]

#: The extra pubsub: its packages, and what is imported of each.
_PUBSUB = {"grpcio": "grpc", "protobuf": "google.protobuf", "fastavro": "fastavro"}

FileOption = Annotated[Path, typer.Option(help="The file the org is kept in.")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8001,
    file: Annotated[
        Path | None, typer.Option(help="Keep the org in this file; without it, it is forgotten.")
    ] = None,
    setup: Annotated[
        Path | None, typer.Option(help="Custom fields, objects and rules of a new org: a JSON file.")
    ] = None,
    mail_port: Annotated[
        int | None, typer.Option(help="Also take mail for Email to Salesforce, by SMTP at this port.")
    ] = None,
    pubsub_port: Annotated[
        int | None, typer.Option(help="Also tell of changes by the Pub/Sub API (gRPC) at this port.")
    ] = None,
    rotate_tokens: Annotated[bool, typer.Option(help="Give a new refresh token at each exchange.")] = False,
    callback: Annotated[
        list[str], typer.Option(help="An address the client app may have a browser sent back to.")
    ] = _CALLBACKS,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="Serve https with this certificate (PEM).")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The key of that certificate (PEM).")] = None,
    job_delay: Annotated[float, typer.Option(help="How many seconds a Bulk job takes.")] = 0.0,
    certificate: Annotated[
        Path | None, typer.Option(help="The client app's certificate (PEM): with its key it signs for users.")
    ] = None,
) -> None:
    """Serve an org until Ctrl-C."""
    try:
        clock = ShiftedClock()
        org, beside = (
            load(file, clock) if file is not None and file.exists() else (_new_org(setup, clock), {})
        )
    except UnreadableOrg as error:
        typer.secho(
            f"{error} Nothing was changed. Name another file, or run `orgbox reset --file {file}`.", err=True
        )
        raise typer.Exit(1) from None
    application = create_app(org, rotate_tokens=rotate_tokens, callbacks=callback, job_delay=job_delay)
    oauth: OAuth = application.state.oauth
    clock.advance(beside.get("ahead", 0))
    if certificate is not None:
        oauth.trust(_certificate(certificate))
    if "oauth" in beside:
        oauth.restore(beside["oauth"])
    if (tls_certificate is None) != (tls_key is None):
        typer.secho("https needs both: --tls-certificate and --tls-key.", err=True)
        raise typer.Exit(1)
    if pubsub_port is not None and (missing := [name for name, of in _PUBSUB.items() if not _there(of)]):
        typer.secho(
            f"The Pub/Sub API needs the extra pubsub, and of it is missing: {', '.join(missing)}. Install that first.",
            err=True,
        )
        raise typer.Exit(1)
    tls = None if tls_certificate is None or tls_key is None else (tls_certificate, tls_key)
    scheme = "http" if tls is None else "https"
    _introduce(
        org,
        oauth,
        f"{scheme}://{host}:{port}",
        None if mail_port is None else f"{host}:{mail_port}",
        None if pubsub_port is None else f"{host}:{pubsub_port}",
    )
    serve_app(
        application,
        host,
        port,
        None if file is None else _Keeper(org, oauth, clock, file),
        tls=tls,
        mail_port=mail_port,
        pubsub_port=pubsub_port,
    )


@app.command()
def reset(file: FileOption) -> None:
    """Forget a kept org: the next `orgbox serve --file` starts a new one."""
    if not file.exists():
        typer.secho(f"There is no org in {file}; nothing to forget.", err=True)
        raise typer.Exit(1)
    file.unlink()
    typer.echo(f"The org in {file} is forgotten.")


@app.command()
def fault(
    name: Annotated[str | None, typer.Argument(help="What is to go wrong; without it, all names.")] = None,
    at: Annotated[str | None, typer.Option(help=f"Where a code strikes: {', '.join(PLACES)}.")] = None,
    method: Annotated[
        str | None, typer.Option(help="GET, POST, ...; of rows INSERT, UPDATE, DELETE.")
    ] = None,
    path: Annotated[str | None, typer.Option(help="What the path contains; of rows the sObject.")] = None,
    body: Annotated[str | None, typer.Option(help="What the body, or the row, contains.")] = None,
    skip: Annotated[int, typer.Option(help="How many pass before it strikes.")] = 0,
    times: Annotated[int, typer.Option(help="How often it strikes; 0 is for ever.")] = 1,
    rate: Annotated[float, typer.Option(help="With which chance it strikes.")] = 1.0,
    seconds: Annotated[float, typer.Option(help="How long a delay is.")] = 0.0,
    message: Annotated[str | None, typer.Option(help="Another sentence for a code.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Nothing goes wrong any more.")] = False,
    url: Annotated[str, typer.Option(help="Where the org is served.")] = "http://127.0.0.1:8001",
) -> None:
    """Let something go wrong in a served org: one of its faults, or one of Salesforce's own error codes."""
    if clear:
        _ask(url, "DELETE")
        typer.echo("Nothing goes wrong any more.")
    elif name is None:
        width = max(map(len, FAULTS))
        for known, said in FAULTS.items():
            typer.echo(f"{known:{width}}  {said.splitlines()[0]}")
    else:
        given = {"at": at, "method": method, "path": path, "body": body, "message": message}
        what = {"name": name, "skip": skip, "times": times or None, "rate": rate, "seconds": seconds}
        set_now = _ask(url, "POST", what | {key: value for key, value in given.items() if value is not None})
        for each in set_now:
            left = "for ever" if each["times"] is None else f"{each['times'] - each['hits']} more"
            typer.echo(f"{each['name']}: struck {each['hits']}, {left}")


def _ask(url: str, method: str, what: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The faults of a served org after this; ends the program with a sentence when they cannot be set."""
    body = None if what is None else json.dumps(what).encode()
    request = Request(f"{url.rstrip('/')}/orgbox/faults", body, method=method)  # noqa: S310 - the person names it
    try:
        with build_opener(ProxyHandler({})).open(request) as answer:
            faults: list[dict[str, Any]] = json.load(answer)
            return faults
    except HTTPError as error:
        typer.secho(f"{json.load(error)['error']} `orgbox fault` lists the names.", err=True)
    except URLError as error:
        typer.secho(f"No org answers at {url}: {error.reason}. Start one: `orgbox serve`.", err=True)
    raise typer.Exit(1)


def _there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even google, of google.protobuf
        return False


def _new_org(setup: Path | None, clock: ShiftedClock) -> Org:
    org = Org(clock)
    if setup is not None:
        try:
            set_up(org, json.loads(setup.read_text("utf-8")))
        except (OSError, UnreadableSetup, OrgError, json.JSONDecodeError) as error:
            typer.secho(f"The set-up {setup} cannot be used: {error}", err=True)
            raise typer.Exit(1) from None
    return org


def _certificate(file: Path) -> bytes:
    try:
        pem = file.read_bytes()
        certified(pem)
    except (OSError, UnreadableCertificate) as error:
        typer.secho(f"The certificate {file} cannot be used: {error}", err=True)
        raise typer.Exit(1) from None
    return pem


class _Keeper:
    """Saves an org and its consents to a file, when they have changed since the last time."""

    def __init__(self, org: Org, oauth: OAuth, clock: ShiftedClock, file: Path) -> None:
        self._org, self._oauth, self._clock, self._file = org, oauth, clock, file
        self._kept: tuple[int, int, float] | None = None

    def __call__(self) -> None:
        changed = (self._org.state.changes, self._oauth.words, self._clock.ahead)
        if changed != self._kept:
            save(self._org, self._file, {"oauth": self._oauth.as_json(), "ahead": self._clock.ahead})
            self._kept = changed


def _introduce(org: Org, oauth: OAuth, url: str, mail: str | None, changes: str | None) -> None:
    typer.echo(f"An org in a box at {url}")
    if mail is not None:
        typer.echo(f"  mail           {mail}   takes Email to Salesforce; set it up at {url}/home")
    if changes is not None:
        typer.echo(f"  changes        {changes}   told by the Pub/Sub API, from now on")
    typer.echo(f"  look inside    {url}/orgbox   records, traffic, trouble, clock")
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
