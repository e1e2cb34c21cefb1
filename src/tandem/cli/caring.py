"""What does whoever runs Tandem do for all orgs: check, let through, renew keys, spend calls, stop?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tandem.cli.ground import end_with, prepare, set_django_up

app = typer.Typer()


@app.command()
def doctor(
    email: Annotated[str, typer.Argument(help="Only this member's connection; without it, every one.")] = "",
) -> None:
    """Check every connection's set-up: each line passes, comes with advice, or fails (exit code 1)."""
    prepare()
    from tandem.connections.checkup import worst
    from tandem.connections.checkup_lines import Grade
    from tandem.connections.checkup_reading import check_up
    from tandem.connections.models import Connection

    held = Connection.objects.exclude(state=Connection.State.DISCONNECTED).select_related("org", "member")
    if email:
        held = held.filter(member__email=email.strip().lower())
    if not held:
        end_with("Nobody is connected to Salesforce, so there is nothing to check. First: tandem connect ...")
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


@app.command("approve-deletions")
def approve_deletions() -> None:
    """Let deletions through that were held because Salesforce lost so many tasks at once."""
    prepare()
    from tandem.sync import services

    held = services.approve_all_deletions()
    print(
        "\n".join(f"{name}: {count} deletions let through" for name, count in held)
        or "No deletions are held."
    )


@app.command("rotate-keys")
def rotate_keys(
    forget_lost: Annotated[
        bool, typer.Option("--forget-lost", help="Empty the secrets whose key is gone for good.")
    ] = False,
) -> None:
    """Encrypt every stored secret with a new key.

    A new key is put first into TANDEM_HOME/keys; with TANDEM_ENCRYPTION_KEYS put it first there yourself before.
    """
    prepare()
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
    prepare()
    from tandem.config.due import connected_orgs
    from tandem.sync.allowance import allowance, set_share

    if share and not 1 <= share <= 100:
        end_with(f"A share is between 1 and 100 per cent, and this is {share}; nothing was changed.")
    for org, name in connected_orgs():
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


def _every_org(*, stopped: bool) -> None:
    prepare()
    from tandem.config.due import connected_orgs
    from tandem.sync.orgs import resume_org, stop_org

    for org, name in connected_orgs():
        changed = stop_org(org) if stopped else resume_org(org)
        word = "stopped" if stopped else "goes on"
        print(f"{name}: {word if changed else 'as it was'}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def manage(context: typer.Context) -> None:
    """Django's own commands (migrate, shell, check, ...)."""
    set_django_up()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["tandem manage", *context.args])
