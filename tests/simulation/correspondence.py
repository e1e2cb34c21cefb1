"""What do members send, get and say in a history, and what does everybody do with the traces of it in Salesforce?

The cast is small: somebody for each rule about records (docs/rules.md, EM-3), and all of them are written to by turns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.schema.types import Field
from tandem.people.matching import Rules
from tandem.sync.activity import Address, Kind, Logging
from tests.simulation.activities_port import CUSTOM
from tests.simulation.log_tables import ActivityRow, Message
from tests.simulation.tandem_memory import MemoryTandem

if TYPE_CHECKING:
    from tests.simulation.world import World

MOST_MESSAGES = 6
LEAD, CONTACT, BOTH = "lead@buyers.example", "contact@buyers.example", "both@buyers.example"
NOBODY, NO_ONE = "nobody@new.example", "noone@new.example"
CAST = (
    LEAD,
    CONTACT,
    BOTH,
    NOBODY,
    LEAD,
    NO_ONE,
    "member1@org.example",  # a user of the org
    "member1@tandem.example",  # an address of the team's own
    "somebody@private.example",  # on the list of those who are left out
)
KNOWN = frozenset({LEAD, CONTACT, BOTH})  # who has a record all the time, whatever becomes of it
RULES = (
    Rules(),
    Rules(nobody="lead"),
    Rules(accounts=True, opportunities=True),
    Rules(several="most-activity", nobody="lead"),
    Rules(contacts=False, accounts=True, several="oldest", nobody="skip"),
    Rules(leads=False, opportunities=True, nobody="lead"),
)
_FIELDS = (
    Field(CUSTOM[0], "string", "Email Status", 4),
    Field(CUSTOM[1], "boolean", "Replied", nillable=False),
)
_LONG = "long " * 6_500  # more than a Task's Description takes


class Correspondence:
    """The emails and calls of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tape = world.tape
        self.log = world.store.log
        self.tandem = cast(MemoryTandem, world.tandem)  # emails and calls are played in memory alone
        self._of_contact = ""

    def prepare(self) -> None:
        """Who is there when logging is switched on, and by which rules."""
        org, store = self.world.there.org, self.world.store
        org.plant("Lead", _lead(LEAD))
        org.plant("Lead", _lead(BOTH))
        account = org.plant("Account", {"Name": "Acme"})
        for address in (CONTACT, BOTH):
            self._of_contact = org.plant(
                "Contact", {"LastName": "Smit", "Email": address, "AccountId": account}
            )
        deal = org.plant(
            "Opportunity",
            {
                "Name": "Big deal",
                "StageName": "Prospecting",
                "CloseDate": self.world.clock.now().date(),
                "AccountId": account,
            },
        )
        org.plant("OpportunityContactRole", {"OpportunityId": deal, "ContactId": self._of_contact})
        if self.tape.below(2):
            for field in _FIELDS:
                org.add_field("Task", field)
        self._set_rules()
        # Who logs nothing is not asked about; the last of two may be such a one.
        store.log.loggers.update(sorted(store.team.users)[: 1 if self.tape.below(6) == 5 else None])
        for member in store.team.users:
            store.team.sign_ins.setdefault(member, 0)

    def _set_rules(self) -> None:
        some = self.tape.below(8)
        self.log.rules = Logging(
            emails=True,
            replies=some != 7,
            calls=some != 6,
            rules=self.tape.one_of(RULES),
            headers_only=some == 5,
        )
        self.world.note(lambda: f"an admin sets the rules of logging {self.log.rules}")

    def somebody_acts(self) -> None:
        """One thing that has to do with emails or calls; what the org refuses (a locked row, say) does not happen."""
        try:
            self._somebody_acts()
        except OrgError as refusal:
            why = str(refusal)
            self.world.note(lambda: f"refused in Salesforce: {why}")

    def _somebody_acts(self) -> None:
        act = self.tape.below(16)
        if act < 6:
            self._send()
        elif act < 8:
            self._call()
        elif act < 10:
            self._answered()
        elif act < 11:
            self._bounced()
        elif act < 12:
            self._choose()
        elif act < 13:
            self._admin()
        else:
            self._in_salesforce()

    # --- members -------------------------------------------------------------------------------------------------

    def _send(self) -> None:
        whom = [self.tape.one_of(CAST)]
        if self.tape.below(3) == 2:
            whom += [each for each in (self.tape.one_of(CAST),) if each not in whom]
        some = self.tape.below(16)
        text = _LONG if some == 15 else f"Text {some}"
        self._happens("email", whom, text=text, log=some != 14, by_bcc=some == 13)

    def _call(self) -> None:
        some = self.tape.below(6)
        outcome = "Reached" if some == 3 else ""
        if some == 5:
            self._happens("call", [""], record=self._of_contact)
        else:
            self._happens("call", [self.tape.one_of(CAST)], outcome=outcome)

    def _answered(self) -> None:
        emails = [each for each in self.log.messages.values() if each.kind == "email"]
        if emails:
            email = self.tape.one_of(emails)
            self._happens("reply", [email.addresses[0].address], answers=email.id)
            self._news(email)

    def _happens(self, kind: Kind, whom: list[str], record: str = "", **more: object) -> None:
        number = len(self.log.messages) + 1
        if number > MOST_MESSAGES:
            return
        member = 1 + self.tape.below(self.world.swarm.members)
        message = Message(
            number,
            kind,
            member,
            f"m{number}@tandem.example",
            tuple(Address(address, "Jo Vos" if self.tape.below(2) else "", record) for address in whom),
            f"{kind} {number}",
            self.world.clock.now(),
            **more,  # type: ignore[arg-type]
        )
        self.tandem.happened(message)
        self.world.people.acts += 1
        self.world.note(lambda: f"member {member}: {kind} {number} with {whom}")

    def _bounced(self) -> None:
        sent = [each for each in self.log.messages.values() if each.kind == "email" and each.state == "sent"]
        if sent:
            email = self.tape.one_of(sent)
            self.world.note(lambda: f"email {email.id} comes back")
            self._news(replace(email, state="bounced"))

    def _news(self, message: Message) -> None:
        self.tandem.happened(replace(message, news=True))

    def _choose(self) -> None:
        waiting = [
            (row, address)
            for row in self.log.activities.values()
            if row.verdict != "open"
            for address, record in row.held.items()
            if not record
        ]
        if waiting:
            row, address = self.tape.one_of(waiting)
            self.world.note(lambda: f"a member names the record of {address!r}")
            self.tandem.choose(row, address, self.tape.one_of(self._contacts(), since=4))

    def _contacts(self) -> list[str]:
        """Whom a member may choose: the one of two addresses, and whoever was a lead."""
        leads = self.world.there.org.scan("Lead")
        return [self._of_contact, *(row["ConvertedContactId"] for row in leads if row["ConvertedContactId"])]

    # --- in Salesforce -------------------------------------------------------------------------------------------

    def _admin(self) -> None:
        org = self.world.there.org
        missing = [field for field in _FIELDS if org.schema("Task").find(field.name) is None]
        if missing and self.tape.below(2):
            org.add_field("Task", missing[0])
            self.world.note(lambda: f"an admin in Salesforce makes the field {missing[0].name}")
        else:
            self._set_rules()

    def _in_salesforce(self) -> None:
        act = self.tape.below(6)
        if act == 3:
            self._somebody_makes_a_lead()
            return
        if act > 3:
            self._lead_converted(act)
            return
        logged = [task for task in self.world.there.tasks() if self._logged(task)]
        if logged:
            task = self.tape.one_of(logged)
            if act < 2:
                self.world.people.deletes(task)
            else:
                self.world.people.renames(task)

    def _logged(self, task: Record) -> bool:
        return not task["IsDeleted"] and self.world.once.ours(task)

    def _lead_converted(self, act: int) -> None:
        """The lead becomes a contact, who may have another address from then on."""
        org, world = self.world.there.org, self.world
        leads = [
            row
            for row in org.scan("Lead")
            if row["Email"] in (LEAD, NOBODY, NO_ONE) and not row["IsConverted"]
        ]
        if not leads:
            return
        before = world.there.tables()
        org.convert_lead(leads[0]["Id"])
        world.note(lambda: f"a user in Salesforce converts the lead of {leads[0]['Email']}")
        if act == 5:
            contact = org.get("Lead", leads[0]["Id"])["ConvertedContactId"]
            with org.transaction(org.admin_id) as tx:
                tx.update("Contact", contact, {"Email": "moved@buyers.example"})
        world.oracle.people_changed_org(before)

    def _somebody_makes_a_lead(self) -> None:
        there = [row for row in self.world.there.org.scan("Lead") if row["Email"] == NOBODY]
        if not there or (len(there) == 1 and self.tape.below(2, since=4)):
            self.world.there.org.plant("Lead", _lead(NOBODY))
            self.world.note(lambda: f"a user in Salesforce makes a lead for {NOBODY}")

    def people_see_to_it(self) -> None:
        """What only people can do: try again what was refused."""
        for row in list(self.log.activities.values()):
            if any(each.parked and each.closed is None for each in self._waiting(row)):
                self.world.note(lambda r=row: f"a member lets activity {r.id} be tried again")
                self.tandem.log_again(row)

    def _waiting(self, row: ActivityRow) -> list[object]:
        made = [each for each in self.log.newcomers.values() if each.key in row.held]
        return [*self.log.entries_of(row.id), *made]


def _lead(address: str) -> dict[str, str]:
    return {"LastName": "Vos", "Company": "Vos BV", "Status": "Open - Not Contacted", "Email": address}
