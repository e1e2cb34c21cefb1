"""Both databases look for work by an index: what a round costs must not grow with everything that was ever synced."""

from __future__ import annotations

from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from tandem.connections.models import Connection, Org
from tandem.sync.models import TaskSync
from tandem.sync.routes import seat_of
from tandem.sync.store import DjangoStore
from tests.sync.desk import START


def plan_of(sql: str) -> str:
    """How the database would answer this."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            # Of a few rows it would read all: its habit at many is asked for.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return "\n".join(str(row) for row in cursor.fetchall())


def test_what_a_member_owes_and_what_is_new_are_found_by_an_index(member: object, db: None) -> None:
    org = Org.objects.create(sf_id="00D000000000001AAA")
    connection = Connection(member=member, org=org, user="005000000000001AAA", client_id="x")  # type: ignore[misc]
    connection.save()
    seat = seat_of(TaskSync.objects.create(connection=connection, enabled=True))
    store = DjangoStore()
    with CaptureQueriesContext(database) as asked:
        store.owed(org.pk, [seat.member], START, 100)
        store.unlinked(org.pk, seat, 100)
    owed, new = (query["sql"] for query in asked.captured_queries)
    # Among a handful of rows PostgreSQL may take any index; SQLite takes the one that is meant.
    by = ("Index", "Index") if database.vendor == "postgresql" else ("link_may_be_owed", "reminder_of_owner")
    assert by[0] in plan_of(owed)
    assert by[1] in plan_of(new)
