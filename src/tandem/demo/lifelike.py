"""A small company's Salesforce org, as one would find it on a Monday: 3 reps, 40 people, 8 deals, 60 tasks.

Tasks of every status, priority, age and due date, so that the rules of the first sync have something to decide:
some were touched in the last 24 hours and come in (FS-4), most were not.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from orgbox.clock import Clock
from orgbox.org import Org
from orgbox.schema.types import Field

KEY_FIELD = Field(
    "Tandem_Key__c", "string", "Tandem Key", 64, unique=True, external_id=True, case_sensitive=True
)

#: Where the reps work: what is due "today" is due on the day they have there.
ZONE = ZoneInfo("Europe/Amsterdam")
REPS = (("Anna", "Bakker"), ("Ben", "Visser"), ("Chloé", "Martin"))
_COMPANIES = (
    "Veldkamp BV",
    "Noordzee Logistics",
    "Atelier Martin",
    "Porto Labs",
    "Haven Groep",
    "Acme",
    "Zonneveld",
    "Kade 9",
)
_FIRST = ("Jan", "Mara", "Luc", "Ines", "Tom", "Sofie", "Pieter", "Noor", "Emre", "Julia")
_LAST = ("de Vries", "Smit", "Costa", "Bos", "Jansen", "Peeters", "Yilmaz", "Novak", "Berg", "Dubois")
_SUBJECTS = (
    "Send the proposal",
    "Follow up: demo feedback",
    "Check contract redlines",
    "Prepare QBR slides",
    "Intro call with procurement",
    "Call back about renewal",
    "Share the case study",
    "Confirm the workshop date",
    "Ask about the budget",
    "Thank you note",
)
_STATUSES = (
    "Not Started",
    "Not Started",
    "Completed",
    "In Progress",
    "Waiting on someone else",
    "Deferred",
)
_PRIORITIES = ("Normal", "High", "Normal", "Low")
# Due so many days from today; None is no due date.
_DUE = (0, 1, -3, 2, 9, None, 0, 1, 30)
# Last changed so many hours ago: a third within FS-4's day.
_CHANGED = (1, 5, 23, 30, 80, 200, 700, 3_000, 10)


@dataclass(frozen=True)
class Rep:
    """A salesperson: first and last name, email, and the User's id."""

    first: str
    last: str
    email: str
    user: str


@dataclass(frozen=True)
class Lifelike:
    """The org and its reps."""

    org: Org
    reps: tuple[Rep, ...]


def build(clock: Clock, seed: int = 7) -> Lifelike:
    """Make the org; the same seed makes the same company."""
    org = Org(clock, seed, name="Bakker & Visser", task_fields=[KEY_FIELD])
    choose = random.Random(seed)  # noqa: S311  a seeded cast of characters, nothing secret
    reps = tuple(_rep(org, first, last) for first, last in REPS)
    accounts = [org.insert("Account", {"Name": name}) for name in _COMPANIES]
    people = [
        org.insert("Contact", {**_name(n, choose), "AccountId": accounts[n % len(accounts)]})
        if n % 5
        else org.insert("Lead", {**_name(n, choose), "Company": _COMPANIES[n % len(_COMPANIES)]})
        for n in range(40)
    ]
    contacts = [person for person in people if person.startswith("003")]
    for n, account in enumerate(accounts):
        deal = org.insert(
            "Opportunity",
            {
                "Name": f"{_COMPANIES[n]} {2026 + n % 2}",
                "AccountId": account,
                "StageName": "Prospecting",
                "CloseDate": (clock.now() + timedelta(days=30 + n)).date(),
            },
        )
        org.insert(
            "OpportunityContactRole", {"OpportunityId": deal, "ContactId": contacts[n], "Role": "Buyer"}
        )
    _tasks(org, reps, people, clock.now())
    return Lifelike(org, reps)


def _rep(org: Org, first: str, last: str) -> Rep:
    email = f"{first.lower().replace('é', 'e')}@bakkervisser.example"
    user = org.insert(
        "User",
        {
            "FirstName": first,
            "LastName": last,
            "Username": email,
            "Email": email,
            "Alias": first[:8].lower(),
            "TimeZoneSidKey": ZONE.key,
        },
    )
    return Rep(first, last, email, user)


def _name(n: int, choose: random.Random) -> dict[str, str]:
    first, last = _FIRST[n % len(_FIRST)], _LAST[(n * 3 + n // 10) % len(_LAST)]
    return {
        "FirstName": first,
        "LastName": last,
        "Email": f"{first}.{last.replace(' ', '')}{choose.randrange(100)}@client.example".lower(),
    }


def _tasks(org: Org, reps: tuple[Rep, ...], people: list[str], now: datetime) -> None:
    statuses, priorities, dues, ages = cycle(_STATUSES), cycle(_PRIORITIES), cycle(_DUE), cycle(_CHANGED)
    today = now.astimezone(ZONE).date()
    for n in range(60):
        changed = now - timedelta(hours=next(ages), minutes=n)
        due = next(dues)
        org.plant(
            "Task",
            {
                "Subject": _SUBJECTS[n % len(_SUBJECTS)],
                "Status": next(statuses),
                "Priority": next(priorities),
                "ActivityDate": None if due is None else today + timedelta(days=due),
                "Description": f"Notes from {changed:%d %B}." if n % 4 == 0 else None,
                "OwnerId": reps[n % len(reps)].user,
                "WhoId": people[(n * 7) % len(people)],
                "CreatedDate": changed - timedelta(days=n % 6),
                "LastModifiedDate": changed,
            },
        )
