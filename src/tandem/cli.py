"""The command line: what a person may ask Tandem to do.

Every command prints sentences; an error says what happened, what it means for the data, and what to do, and ends with
exit code 1. Nothing here decides: commands call services.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    help="Tandem keeps a sales team's tasks, emails and calls in step with Salesforce.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

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
    _prepare()
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
                _stop(f"{sentences} Nobody was made. Correct it and run tandem init again.")
            print(f"{sentences} Nobody was made yet.")
            chosen |= {field: _asked(field) for field in wrong}
        else:
            break
    print(f"{admin} is the first admin. Days begin and end as in {zone}; the profile page can change that.")
    print(f"Start with {_myself()} run, and sign in as {admin.email}.")


@app.command()
def run(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the pages, keep every org in step, send and watch mail, in one process."""
    _prepare()
    from tandem.config.mail import relay

    relay()  # what the environment says of it is checked before anything is served
    _serve("tandem.config.run:application", host, port)


@app.command()
def web(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the pages only; another process runs the rounds."""
    _prepare()
    _serve("tandem.config.wsgi:application", host, port)


@app.command()
def sync(
    once: Annotated[bool, typer.Option("--once", help="One round of every connected org, then end.")] = False,
) -> None:
    """Keep every org in step, send and watch mail, without serving pages."""
    _prepare()
    from tandem.config import wiring
    from tandem.config.mail import MailRoom
    from tandem.config.schedules import in_process, register_schedules
    from tandem.connections.explanations import explained
    from tandem.sync.told import told

    if once:
        trouble = False
        for org, name in wiring.connected_orgs():
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
    _prepare()
    from django.conf import settings

    from tandem.config import wiring
    from tandem.config.mail import MailRoom
    from tandem.config.schedules import register_schedules

    if not settings.QUEUED:
        _stop(
            "Workers share their work through PostgreSQL, and this is SQLite, so none was started; nothing is lost. "
            "On one machine use `tandem run` or `tandem sync`; for more, set DATABASE_URL."
        )
    print("Working on the rounds that are due. Ctrl-C ends it; nothing is lost.", flush=True)
    register_schedules()
    mail = MailRoom()
    mail.start()
    wiring.work(threads)
    mail.stop()


@app.command()
def connect(
    email: Annotated[str, typer.Argument(help="The member; is made when there is none yet.")],
    instance_url: Annotated[
        str, typer.Argument(help="The org's address: https://yourcompany.my.salesforce.com")
    ],
    client_id: Annotated[
        str, typer.Option(help="Consumer key of your connected app or external client app.")
    ],
    team: Annotated[
        bool, typer.Option("--team", help="Read and write for the whole team through it.")
    ] = False,
) -> None:
    """Connect a member to Salesforce.

    The app's secret is taken from TANDEM_CLIENT_SECRET, a refresh token from TANDEM_REFRESH_TOKEN; without a refresh
    token Tandem signs in as the app itself (client credentials).
    """
    _prepare()
    from tandem.accounts.models import Member, canonical_email
    from tandem.accounts.services import create_member
    from tandem.connections import services
    from tandem.connections.explanations import explained
    from tandem.connections.signing_in import sign_in_to_org

    found = Member.objects.filter(email=canonical_email(email)).first()
    secret = os.environ.get("TANDEM_CLIENT_SECRET", "")
    token = os.environ.get("TANDEM_REFRESH_TOKEN", "")
    # First the address and the sign-in: a mistyped one leaves no half-made member behind.
    signed_in = sign_in_to_org(instance_url, client_id, secret, token)
    try:
        services.check_free(found, signed_in)
    except services.TakenByColleague as taken:
        _stop(" ".join((taken.__doc__ or "").split()))
    member = found or create_member(email=email, name=email.split("@")[0], role=Member.Role.ADMIN)
    connection = services.store(member, signed_in, by=None)
    if team:
        services.read_for_team(connection)
    if connection.trouble_code:
        print(explained(connection.trouble_code))
    print(f"{member} is connected to {connection.org} as {connection.username or connection.user}.")
    print(f"Look first: tandem switch on {email} --preview")


@app.command()
def switch(
    word: Annotated[str, typer.Argument(help="on or off")],
    email: Annotated[str, typer.Argument(help="The member whose task sync it is.")],
    preview: Annotated[bool, typer.Option("--preview", help="Only say what switching on would do.")] = False,
) -> None:
    """Switch a member's task sync on or off."""
    _prepare()
    from tandem.accounts.models import Member, canonical_email
    from tandem.config import wiring
    from tandem.connections.services import connection_of
    from tandem.sync.told import previewed
    from tandem.sync_settings.services import switch_at_server

    if word not in ("on", "off"):
        raise typer.BadParameter("say on or off")
    member = Member.objects.filter(email=canonical_email(email)).first()
    connection = connection_of(member) if member is not None else None
    if connection is None:
        _stop(
            f"{email} is not connected to Salesforce, so nothing was switched. First: tandem connect {email} ..."
        )
    elif word == "off":
        switch_at_server(connection, on=False)
        print(
            "Task sync is off. Nothing was deleted on either side; switching on again takes up where it was."
        )
    else:
        print(previewed(wiring.preview_for([connection])))
        if not preview:
            switch_at_server(connection, on=True)
            print("Task sync is on; the next round imports.")


@app.command("approve-deletions")
def approve_deletions() -> None:
    """Let deletions through that were held because Salesforce lost so many tasks at once."""
    _prepare()
    from tandem.sync import services

    held = services.approve_all_deletions()
    print(
        "\n".join(f"{name}: {count} deletions let through" for name, count in held)
        or "No deletions are held."
    )


@app.command()
def retry(email: Annotated[str, typer.Argument(help="The member whose refused tasks to try again.")]) -> None:
    """Try a member's refused tasks, emails and calls once more, for example after a rule was mended in Salesforce."""
    _prepare()
    from tandem.accounts.models import Member, canonical_email
    from tandem.sync import services

    if not Member.objects.filter(email=canonical_email(email)).exists():
        _stop(f"There is no member {email}; nothing was changed.")
    count = services.retry_all(canonical_email(email))
    print(f"{count} task{'' if count == 1 else 's'} will be tried again in the next round.")
    logged = services.log_all_again(canonical_email(email))
    if logged:
        print(f"So will {logged} of their emails and calls.")


@app.command()
def doctor(
    email: Annotated[str, typer.Argument(help="Only this member's connection; without it, every one.")] = "",
) -> None:
    """Check every connection's set-up: each line passes, comes with advice, or fails (exit code 1)."""
    _prepare()
    from tandem.connections.checkup import worst
    from tandem.connections.checkup_lines import Grade
    from tandem.connections.checkup_reading import check_up
    from tandem.connections.models import Connection

    held = Connection.objects.exclude(state=Connection.State.DISCONNECTED).select_related("org", "member")
    if email:
        held = held.filter(member__email=email.strip().lower())
    if not held:
        _stop("Nobody is connected to Salesforce, so there is nothing to check. First: tandem connect ...")
    words = {Grade.PASS: "passed", Grade.WARN: "advice", Grade.FAIL: "FAILED"}
    failed = False
    for connection in held.order_by("pk"):
        print(f"{connection.member} in {connection.org}, as {connection.username or connection.user}")
        lines = check_up(connection)
        for line in lines:
            print(f"  {words[line.grade]}  {line.title}: {line.found}")
            for step in line.fix:
                print(f"            - {step}")
            if line.said:
                print(f"            Salesforce said: {line.said}")
        failed = failed or worst(lines) is Grade.FAIL
    sys.exit(1 if failed else 0)


@app.command("rotate-keys")
def rotate_keys(
    forget_lost: Annotated[
        bool, typer.Option("--forget-lost", help="Empty the secrets whose key is gone for good.")
    ] = False,
) -> None:
    """Encrypt every stored secret with a new key.

    A new key is put first into TANDEM_HOME/keys; with TANDEM_ENCRYPTION_KEYS put it first there yourself before.
    """
    _prepare()
    from django.db import transaction

    from tandem.config.second_factor import rotate_second_factors
    from tandem.connections.rotation import rotate_secrets
    from tandem.encryption import add_key

    added = add_key()
    with transaction.atomic():
        done = rotate_secrets(forget_lost=forget_lost)
        renewed, forgotten = rotate_second_factors(forget_lost=forget_lost)
    print(f"{done.renewed + renewed} secrets are encrypted with the newest key now.")
    if done.forgotten:
        print(
            f"{done.forgotten} could not be read and were emptied; their members are asked to connect again."
        )
    if forgotten:
        print(f"{forgotten} second factors could not be read and were removed; their members add new ones.")
    where = "TANDEM_HOME/keys" if added else "TANDEM_ENCRYPTION_KEYS"
    print(
        f"The older keys stay in {where} to read old backups with; remove them when you no longer need those."
    )


@app.command("api-calls")
def api_calls(
    share: Annotated[
        int, typer.Option(help="From now on Tandem may use so many per cent of each org's API calls.")
    ] = 0,
) -> None:
    """Say how many API calls each org has used, and how many Tandem may use; --share sets it."""
    _prepare()
    from tandem.config import wiring
    from tandem.sync.allowance import allowance, set_share

    if share and not 1 <= share <= 100:
        _stop(f"A share is between 1 and 100 per cent, and this is {share}; nothing was changed.")
    for org, name in wiring.connected_orgs():
        if share:
            set_share(org, share)
        told = allowance(org)
        most = (
            "nobody knows yet how many it may make"
            if told.ours_at_most is None
            else f"of {told.ours_at_most}"
        )
        print(
            f"{name}: {told.ours} calls by Tandem in 24 hours, {most} ({told.share} %); "
            f"about {told.forecast} a day as it goes now; {told.by_all or 0} of {told.allowed or 0} by all programs"
        )


@app.command()
def stop() -> None:
    """Stop the rounds of every org, before a restore or a great change in Salesforce. Pages go on; changes wait."""
    _every_org(stopped=True)


@app.command()
def resume() -> None:
    """Go on where `tandem stop` stopped."""
    _every_org(stopped=False)


@app.command("sign-in-link")
def sign_in_link(
    email: str,
    address: Annotated[str, typer.Option(help="Where the pages are served.")] = "http://127.0.0.1:8000",
) -> None:
    """Print a link that signs a member in: once, within 15 minutes, without password or second factor.

    For whoever runs Tandem, when a member has lost password or phone.
    """
    _prepare()
    from tandem.accounts.models import Member, canonical_email
    from tandem.accounts.services import sign_in_token

    member = Member.objects.filter(email=canonical_email(email)).first()
    if member is None:
        _stop(
            f"There is no member {email}; nothing was changed. Invite them, or make the first admin: tandem init"
        )
    else:
        print(f"{address}/sign-in/{sign_in_token(member)}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def manage(context: typer.Context) -> None:
    """Django's own commands (migrate, shell, check, ...)."""
    _django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["tandem manage", *context.args])


def main() -> None:
    """The console script: what a person must know of an error is a sentence, not a trace."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from tandem.encryption import KeyTrouble
    from tandem.salesforce import SalesforceError
    from tandem.sync.ports import NoAnswer

    try:
        app()
    except ImproperlyConfigured as error:
        _stop(str(error))
    except OperationalError as error:
        said = str(error).strip().splitlines()
        _stop(
            f"The database does not answer as it should ({said[0] if said else 'no reason given'}). What was stored before "
            "is safe. See that it runs and has room, or correct DATABASE_URL (postgresql://USER:PASSWORD@HOST:5432/NAME), "
            "or leave it out to use SQLite."
        )
    except SalesforceError as error:
        _stop(error.sentence())
    except NoAnswer as error:
        from tandem.connections.explanations import explained

        _stop(str(explained(error.code, error.text)))
    except KeyTrouble as error:
        _stop(str(error))


def _asked(field: str) -> str:
    if field == "password":
        help_ = "Password (at least ten characters; a sentence that only you know is best)"
        return str(typer.prompt(help_, hide_input=True, confirmation_prompt="Once more"))
    return str(typer.prompt(field.capitalize()))


def _myself() -> str:
    """How this command was called, so that what is printed can be copied."""
    return sys.argv[0] if Path(sys.argv[0]).name == "tandem" else "tandem"


def _every_org(*, stopped: bool) -> None:
    _prepare()
    from tandem.config import wiring
    from tandem.sync.services import resume_org, stop_org

    for org, name in wiring.connected_orgs():
        changed = stop_org(org) if stopped else resume_org(org)
        word = "stopped" if stopped else "goes on"
        print(f"{name}: {word if changed else 'as it was'}")


def _prepare() -> None:
    _django()
    from tandem.config import wiring
    from tandem.config.migrating import migrate

    migrate()
    wiring.register_wakes()


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.config.settings")
    import django

    django.setup()


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


def _stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(1)
