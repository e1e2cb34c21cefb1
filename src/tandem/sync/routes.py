"""Through whose connections does an org's round travel, and for whom?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tandem.connections.models import Connection
from tandem.sync import models
from tandem.sync.ports import Route, Seat

#: Which of these members have logging on.
Loggers = Callable[[Sequence[int]], frozenset[int]]


def nobody_logs(members: Sequence[int]) -> frozenset[int]:
    """For whoever has nothing to do with logging."""
    return frozenset()


# Never the secrets: they are read by the vault alone, and one that cannot be read must stop one connection only.
_SEAT_COLUMNS = (
    "outgoing_after",
    "import_from",
    "polled_to",
    "deleted_to",
    "rejoin",
    "connection__member",
    "connection__user",
    "connection__state",
    "connection__sign_in",
)


def routes_of(
    org: int, team_connection: int | None, connections: Sequence[Connection], loggers: Loggers
) -> tuple[Route, ...]:
    """One route for the whole team through its connection, else one per connected member: for whoever syncs or logs.

    connections: those of members who were not deactivated; nobody else has a route, not even for the team.
    """
    on = (
        models.TaskSync.objects.filter(
            connection__org_id=org, connection__member__is_active=True, enabled=True, paused=False
        )
        .exclude(connection__state=Connection.State.DISCONNECTED)
        .select_related("connection")
        .only(*_SEAT_COLUMNS)
        .order_by("connection_id")
    )
    seats = {sync.connection_id: seat_of(sync) for sync in on}
    in_force = [each for each in connections if each.state != Connection.State.DISCONNECTED]
    logging = loggers([each.member_id for each in in_force])
    connected = [each for each in in_force if each.state == Connection.State.CONNECTED]
    if team_connection is not None:
        log_for = tuple(each.member_id for each in in_force if each.member_id in logging)
        team = next((each for each in connected if each.pk == team_connection), None)
        if team is None or not (seats or log_for):
            return ()
        return (Route(team.pk, tuple(seats.values()), team.sign_in, log_for),)
    return tuple(
        Route(
            each.pk,
            (seats[each.pk],) if each.pk in seats else (),
            each.sign_in,
            (each.member_id,) if each.member_id in logging else (),
        )
        for each in connected
        if each.pk in seats or each.member_id in logging
    )


def seat_of(sync: models.TaskSync, *, rejoin: bool | None = None) -> Seat:
    """A member's task sync as the engine sees it; `rejoin` asks what switching it on again would mean."""
    return Seat(
        id=sync.pk,
        connection=sync.connection_id,
        member=sync.connection.member_id,
        user=sync.connection.user,
        outgoing_after=sync.outgoing_after,
        import_from=sync.import_from,
        polled_to=sync.polled_to,
        deleted_to=sync.deleted_to,
        rejoin=sync.rejoin if rejoin is None else rejoin,
    )
