"""What may be done for one member: connect, switch, try again, let in?"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from tandem.cli.ground import end_with, prepare

app = typer.Typer()


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
    prepare()
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
        end_with(" ".join((taken.__doc__ or "").split()))
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
    prepare()
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
        end_with(
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


@app.command()
def retry(email: Annotated[str, typer.Argument(help="The member whose refused tasks to try again.")]) -> None:
    """Try a member's refused tasks, emails and calls once more, for example after a rule was mended in Salesforce."""
    prepare()
    from tandem.accounts.models import Member, canonical_email
    from tandem.sync import services

    if not Member.objects.filter(email=canonical_email(email)).exists():
        end_with(f"There is no member {email}; nothing was changed.")
    count = services.retry_all(canonical_email(email))
    print(f"{count} task{'' if count == 1 else 's'} will be tried again in the next round.")
    logged = services.log_all_again(canonical_email(email))
    if logged:
        print(f"So will {logged} of their emails and calls.")


@app.command("sign-in-link")
def sign_in_link(
    email: str,
    address: Annotated[str, typer.Option(help="Where the pages are served.")] = "http://127.0.0.1:8000",
) -> None:
    """Print a link that signs a member in: once, within 15 minutes, without password or second factor.

    For whoever runs Tandem, when a member has lost password or phone.
    """
    prepare()
    from tandem.accounts.models import Member, canonical_email
    from tandem.accounts.services import sign_in_token

    member = Member.objects.filter(email=canonical_email(email)).first()
    if member is None:
        end_with(
            f"There is no member {email}; nothing was changed. Invite them, or make the first admin: tandem init"
        )
    else:
        print(f"{address}/sign-in/{sign_in_token(member)}")
