"""How does Tandem begin, and what may one process of it do?"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from tandem.cli.ground import end_with, myself, prepare

app = typer.Typer()

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the tour instead of serving the page.")
    ] = False,
    port: Port = 8000,
) -> None:
    """Show a task's way there and back against a Salesforce org in a box; no account needed."""
    from tandem.demo.run import run_demo

    sys.exit(run_demo(once=once, port=port))


@app.command()
def init(
    email: Annotated[str, typer.Option(help="The first admin; asked for when left out.")] = "",
    name: Annotated[str, typer.Option(help="Their name.")] = "",
    language: Annotated[str, typer.Option(help="en or nl")] = "en",
    time_zone: Annotated[
        str, typer.Option(help="Such as Europe/Amsterdam; the machine's when left out.")
    ] = "",
) -> None:
    """Make folder, keys, database and the first admin.

    Asks for what is left out; the password is taken from TANDEM_ADMIN_PASSWORD when it is set. Done twice it changes
    nothing.
    """
    from tandem.config.machine_zone import machine_zone

    zone = time_zone or machine_zone()  # before Django says to all of the process that it is UTC
    prepare()
    from django.core.exceptions import ValidationError

    from tandem.accounts import first_run
    from tandem.encryption import keys

    keys()
    if not first_run.needed():
        print("Tandem has its first admin already; the database is up to date. Nothing else was changed.")
        return
    given = {"email": email, "name": name, "password": os.environ.get("TANDEM_ADMIN_PASSWORD", "")}
    chosen = {field: value or _asked(field) for field, value in given.items()}
    while True:
        try:
            admin = first_run.make_first_admin(**chosen, language=language, time_zone=zone)
        except ValidationError as refused:
            sentences, wrong = " ".join(refused.messages), set(refused.message_dict)
            if not all(given.get(field) == "" for field in wrong):
                end_with(f"{sentences} Nobody was made. Correct it and run tandem init again.")
            print(f"{sentences} Nobody was made yet.")
            chosen |= {field: _asked(field) for field in wrong}
        else:
            break
    print(f"{admin} is the first admin. Days begin and end as in {zone}; the profile page can change that.")
    print(f"Start with {myself()} run, and sign in as {admin.email}.")


def _asked(field: str) -> str:
    if field == "password":
        help_ = "Password (at least ten characters; a sentence that only you know is best)"
        return str(typer.prompt(help_, hide_input=True, confirmation_prompt="Once more"))
    return str(typer.prompt(field.capitalize()))


@app.command()
def run(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the pages, keep every org in step, send and watch mail, in one process."""
    prepare()
    from tandem.config.mail import relay

    relay()  # what the environment says of it is checked before anything is served
    _serve("tandem.config.run:application", host, port)


@app.command()
def web(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the pages only; another process runs the rounds."""
    prepare()
    _serve("tandem.config.wsgi:application", host, port)


@app.command()
def sync(
    once: Annotated[bool, typer.Option("--once", help="One round of every connected org, then end.")] = False,
) -> None:
    """Keep every org in step, send and watch mail, without serving pages."""
    prepare()
    from tandem.config import wiring
    from tandem.config.due import connected_orgs
    from tandem.config.mail import MailRoom
    from tandem.config.schedules import in_process, register_schedules
    from tandem.connections.explanations import explained
    from tandem.sync.told import told

    if once:
        trouble = False
        for org, name in connected_orgs():
            report = wiring.run(org)
            print(f"{name}: {told(report)}")
            if report is not None and report.trouble_code:
                print(f"  {explained(report.trouble_code)}")
            trouble = trouble or bool(report and report.trouble_code)
        sys.exit(1 if trouble else 0)
    print("Keeping every connected org in step. Ctrl-C ends it; nothing is lost.")
    register_schedules()
    rounds, calendar, mail = wiring.rounds(), in_process(), MailRoom()
    for each in (rounds, calendar, mail):
        each.start()
    try:
        rounds.join()
    except KeyboardInterrupt:
        for each in (rounds, calendar, mail):
            each.stop()


@app.command()
def worker(threads: Annotated[int, typer.Option(help="How many orgs to work on at once.")] = 2) -> None:
    """Be one of any number of workers, on any number of machines, that share rounds and mail; needs PostgreSQL."""
    prepare()
    from django.conf import settings

    from tandem.config import wiring
    from tandem.config.mail import MailRoom
    from tandem.config.schedules import register_schedules

    if not settings.QUEUED:
        end_with(
            "Workers share their work through PostgreSQL, and this is SQLite, so none was started; nothing is lost. "
            "On one machine use `tandem run` or `tandem sync`; for more, set DATABASE_URL."
        )
    print("Working on the rounds that are due. Ctrl-C ends it; nothing is lost.", flush=True)
    register_schedules()
    mail = MailRoom()
    mail.start()
    wiring.work(threads)
    mail.stop()


def _serve(target: str, host: str, port: int) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    from tandem.accounts import first_run

    print(f"Tandem is at http://{host}:{port} (Ctrl-C ends it)")
    if first_run.needed():
        code = first_run.setup_code()
        print(
            f"Nobody is here yet. Make yourself the first admin: http://{host}:{port}/first-run?code={code}"
        )
        print(f"The setup code is {code}; give it to nobody else.")
    sys.stdout.flush()
    Server(
        target, address=host, port=port, interface=Interfaces.WSGI, blocking_threads=4, log_enabled=False
    ).serve()
