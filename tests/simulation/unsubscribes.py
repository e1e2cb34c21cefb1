"""Who wants no emails any more in a history, who is asked, and does "no" reach the other side (UN-1 … UN-4)?

Only "no" travels. So an address of which somebody has said "yes" again on one side may end either way on the other, and
is not judged there; so is what only the nightly comparison can tell, where that is switched off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from orgbox.errors import OrgError
from orgbox.records import Record
from orgbox.schema.types import Field
from tandem.sync.opt_outs import FIELDS, SALES, Rules, last_strike, night_due
from tests.simulation.calls import Write
from tests.simulation.tables import ORG
from tests.simulation.tandem_memory import MemoryTandem

if TYPE_CHECKING:
    from tests.simulation.world import World

WIM, EVA, BOTH, NOBODY = "wim@lam.example", "eva@lam.example", "ann@lam.example", "nobody@lam.example"
CAST = (WIM, EVA, BOTH, NOBODY)
_SALES = Field(SALES, "boolean", "Sales Opt Out", nillable=False)
_DAY = timedelta(days=1)
_MOST_COMPARISONS = 5


class Unsubscribes:
    """The unsubscribes of one world. yes: addresses that want emails again; later: those of which only a night tells."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tape = world.tape
        self.tables = world.store.opt_outs
        self.tandem = cast(MemoryTandem, world.tandem)  # played in memory alone
        self.yes_here: set[str] = set()
        self.later: set[str] = set()
        self._nights: Counter[datetime] = Counter()

    @property
    def _rules(self) -> Rules:
        return self.tables.rules[ORG]

    def prepare(self) -> None:
        """Who is there, and by which rules."""
        for address, kinds in ((WIM, ["Lead"]), (EVA, ["Contact"]), (BOTH, ["Lead", "Contact", "Contact"])):
            for kind in kinds:
                self._plant(kind, address)
        fields = self.tape.one_of(("standard", "both"))
        if fields == "both" and self.tape.below(2):
            self._add_field()
        nightly, hour = self.tape.below(4) != 3, (20, 1, 2)[self.tape.below(3)]
        compared = self.world.our_clock.now() if self.tape.below(2) else None
        self.tables.rules[ORG] = Rules(FIELDS[fields], nightly, hour, compared, None)
        for member in self.world.store.team.users:
            self.world.store.team.sign_ins.setdefault(member, 0)

    def _plant(self, kind: str, address: str) -> None:
        more = {"Company": "Lam BV", "Status": "Open - Not Contacted"} if kind == "Lead" else {}
        self.world.there.org.plant(kind, {"LastName": "Lam", "Email": address, **more})

    def _add_field(self) -> None:
        org = self.world.there.org
        for kind in ("Lead", "Contact"):
            if org.schema(kind).find(SALES) is None:
                org.add_field(kind, _SALES)

    # --- what people do ------------------------------------------------------------------------------------------

    def somebody_acts(self) -> None:
        """One thing that has to do with unsubscribes; what the org refuses (a locked row, say) does not happen."""
        act, address = self.tape.below(12), self.tape.one_of(CAST)
        try:
            if act < 4:
                self.world.note(lambda: f"a member unsubscribes {address}")
                self.tandem.unsubscribe(address)
            elif act == 4:
                self.world.note(lambda: f"a member lets emails to {address} through again")
                self.yes_here.add(address)
                self.tandem.subscribe_again(address)
            elif act < 10:
                self._in_salesforce(act, address)
            elif act == 10:
                self._somebody_new(address)
            else:
                self._convert(address)
        except OrgError as refusal:
            why = str(refusal)
            self.world.note(lambda: f"a user in Salesforce is refused: {why}")
        self.world.people.acts += 1

    def _in_salesforce(self, act: int, address: str) -> None:
        people = self._people(address)
        if not people:
            return
        person = self.tape.one_of(people)
        sobject, identifier = _kind(person), person["Id"]
        if act == 9:
            self._change(lambda tx: tx.delete(sobject, identifier), f"deletes {address}")
            return
        field = self.tape.one_of([name for name in self._rules.fields if self._has(sobject, name)])
        wants_none = act < 8
        if not wants_none:
            self.later.add(address)
        slow = wants_none and "slow transaction" in self.world.swarm and self.tape.below(2)
        change = {field: wants_none}
        what = f"sets {change} of {address}"
        if slow and not self.world.calm:
            self.world.there.changes_slowly(sobject, identifier, change, what)
        else:
            self._change(lambda tx: tx.update(sobject, identifier, change), what)

    def _somebody_new(self, address: str) -> None:
        if len(self._people(address)) > 3:
            return
        self.later.add(address)
        fields = {"LastName": "Lam", "Email": address}
        self._change(lambda tx: tx.insert("Contact", fields), f"makes a contact {address}")

    def _convert(self, address: str) -> None:
        leads = [person for person in self._people(address) if _kind(person) == "Lead"]
        if leads:
            before = self.world.there.tables()
            self.later.add(address)
            self.world.there.org.convert_lead(leads[0]["Id"])
            self.world.note(lambda: f"a user in Salesforce converts the lead of {address}")
            self.world.oracle.people_changed_org(before)

    def _change(self, act: Callable[[Any], object], what: str) -> None:
        org, before = self.world.there.org, self.world.there.tables()
        with org.transaction(org.admin_id) as tx:
            act(tx)
        self.world.note(lambda: f"a user in Salesforce {what}")
        self.world.oracle.people_changed_org(before)

    def people_see_to_it(self) -> None:
        """What only people can do: make the field that is missing, try again what was refused."""
        if len(self._rules.fields) > 1:
            self._add_field()
        if any(row.parked for row in self.tables.owed.values()):
            self.world.note(lambda: "an admin lets unsubscribes be tried again")
            self.tandem.opt_out_again()

    def _has(self, sobject: str, field: str) -> bool:
        return self.world.there.org.schema(sobject).find(field) is not None

    def _people(self, address: str, *, converted: bool = False) -> list[Record]:
        org = self.world.there.org
        rows = [*org.scan("Lead"), *org.scan("Contact")]
        return [
            row
            for row in rows
            if row["Email"] == address and (converted or _kind(row) == "Contact" or not row["IsConverted"])
        ]

    # --- what is judged ------------------------------------------------------------------------------------------

    def calling(self, write: Write) -> None:
        """The engine opts a record out: only for an address that is owed on disk, and only with "no"."""
        every = self.world.there.org.scan(write.sobject, all_rows=True)
        record = next((row for row in every if row["Id"] == write.about), None)
        if record is None:
            return  # erased since it was asked for: refused, and so nobody is opted out
        owed = {row.address for row in self.tables.owed.values()}
        if record["Email"] not in owed or set(write.fields.values()) != {True}:
            self._fail(f"{record['Email']} is opted out, and nobody said so: {dict(write.fields)}")

    def compared(self) -> None:
        """A comparison was answered: once a night is enough, a few times where a process died over it (I7)."""
        night = last_strike(self._rules.hour, self.world.our_clock.now())
        self._nights[night] += 1
        if self._nights[night] > _MOST_COMPARISONS:
            self.world.oracle.fail("I7", f"{self._nights[night]} comparisons in one night")

    def committed(self, owed: Iterable[int]) -> None:
        """The engine settled these."""
        for row in (self.tables.owed.get(number) for number in owed):
            if row is not None and row.parked and row.error_code == "CANNOT_UPDATE_CONVERTED_LEAD":
                self._fail(f"a lead of {row.address} has become a contact, and nobody asks who that is")

    def waits(self, now: datetime) -> bool:
        """Whether something still waits for its next try."""
        return any(row.not_before is not None and row.not_before > now for row in self.tables.waiting())

    def still_owed(self) -> list[str]:
        """What is left to bring, in words."""
        if not self.world.swarm.unsubscribes:
            return []
        known = {row.address for row in self.tables.owed.values()}
        found = ["the comparison of this night"] if night_due(self._rules, self.world.our_clock.now()) else []
        found += [
            f"{address} is not owed yet" for address in self.tables.unsubscribed if address not in known
        ]
        found += [f"the opt-out of {row.address} is owed" for row in self.tables.waiting()]
        return found + [
            f"the opt-out of {row.address} is parked: {row.error_code}"
            for row in self.tables.owed.values()
            if row.parked
        ]

    def pass_a_night(self) -> None:
        """Calm lasts long enough for the nightly comparison."""
        world, before = self.world, self.world.there.tables()
        world.there.pass_time(_DAY.total_seconds())
        world.oracle.vanished(before)

    def at_rest(self) -> None:
        """Whoever is unsubscribed on one side is so on both."""
        for address in CAST:
            said = address in self.tables.unsubscribed
            if said and (self._rules.nightly or address not in self.later):
                for person in self._people(address):
                    missing = [name for name in self._rules.fields if not person[name]]
                    if missing:
                        self._fail(f"{address} is unsubscribed here, and {person['Id']} has no {missing}")
            if not said and self._rules.nightly and address not in self.yes_here:
                for person in self._people(address, converted=True):
                    if any(person[name] for name in self._rules.fields):
                        self._fail(
                            f"{person['Id']} is opted out there, and {address} is not unsubscribed here"
                        )

    def _fail(self, what: str) -> None:
        self.world.oracle.fail("UN-1", what)


def _kind(person: Record) -> str:
    return "Lead" if str(person["Id"]).startswith("00Q") else "Contact"
