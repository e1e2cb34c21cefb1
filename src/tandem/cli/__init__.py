"""The command line: what a person may ask Tandem to do.

Every command prints sentences; an error says what happened, what it means for the data, and what to do, and ends with
exit code 1. Nothing here decides: commands call services.
"""

from __future__ import annotations

import typer

from tandem.cli import caring, members, starting
from tandem.cli.ground import end_with

app = typer.Typer(
    help="Tandem keeps a sales team's tasks, emails and calls in step with Salesforce.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (starting, members, caring):
    app.add_typer(part.app)


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
        end_with(str(error))
    except OperationalError as error:
        said = str(error).strip().splitlines()
        end_with(
            f"The database does not answer as it should ({said[0] if said else 'no reason given'}). What was stored before "
            "is safe. See that it runs and has room, or correct DATABASE_URL (postgresql://USER:PASSWORD@HOST:5432/NAME), "
            "or leave it out to use SQLite."
        )
    except SalesforceError as error:
        end_with(error.sentence())
    except NoAnswer as error:
        from tandem.connections.explanations import explained

        end_with(str(explained(error.code, error.text)))
    except KeyTrouble as error:
        end_with(str(error))
