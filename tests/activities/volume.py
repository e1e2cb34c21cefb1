"""10,000 emails to 3,000 people, 200 of them unknown: what does logging them cost, in calls and in memory?

    python -m tests.postgresql python -m pytest tests/activities/test_volume.py -s     a fifth of it, as `make test` runs it
    VOLUME=10000 python -m pytest tests/activities/test_volume.py -s                   all of it

The round runs in a process of its own, so that its memory is not the simulator's.
"""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings

from tandem import clock
from tandem.accounts.models import Member
from tandem.emails.models import Email, Recipient
from tests.activities.office import Office
from tests.processes import database_url


def address(number: int) -> str:
    return f"person{number}@company{number % 400}.example"


def fill(office: Office, emails: int, people: int, unknown: int) -> None:
    """Everybody but the unknown has a lead or a contact; every email is finished and is news."""
    org = office.desk.org

    def insert() -> None:
        with org.transaction() as tx:
            account = tx.insert("Account", {"Name": "Acme"})
            for number in range(unknown, people):
                values = {"LastName": f"Person {number}", "Email": address(number)}
                if number % 2:
                    tx.insert("Lead", {**values, "Company": "Acme"})
                else:
                    tx.insert("Contact", {**values, "AccountId": account})

    office.desk.running.call(insert)
    write(office.desk.member(), emails, people)


def write(member: Member, emails: int, people: int, name: str = "volume") -> None:
    now = clock.now()
    sent = Email.objects.bulk_create(
        Email(
            member=member,
            message_id=f"{name}-{number}@tandem.example",
            state=Email.State.DELIVERED,
            came_by=Email.Way.RELAY,
            sender=member.email,
            subject=f"Email {number}",
            text="Dear you, " + "x" * 2_000,
            at=now,
            created_at=now,
            news=True,
        )
        for number in range(emails)
    )
    Recipient.objects.bulk_create(
        Recipient(email=email, role=Recipient.Role.TO, address=address(number % people))
        for number, email in enumerate(sent)
    )


#: A child's peak begins with that of whoever forks it, here a whole test run: so somebody small does, and tells.
_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def round_apart() -> int:
    """One round of every org in a process of its own; returns the most memory it held, in bytes."""
    measured = subprocess.run(
        [sys.executable, "-c", _MEASURE, sys.executable, "-m", "tandem", "sync", "--once"],
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "TANDEM_HOME": str(settings.TANDEM_HOME),
            "TANDEM_ALLOW_ORGBOX": "1",
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(measured.stdout) * 1024
