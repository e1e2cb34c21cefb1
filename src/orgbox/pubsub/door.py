"""Who is told of changes, and how fast? The Pub/Sub API's GetTopic, GetSchema and Subscribe (docs/salesforce.md §7).

    door = PubSubDoor(org, oauth)
    await door.open("127.0.0.1", 7443)      # in the event loop that serves the org, which then needs no lock

A subscriber asks for so many events and gets no more until it asks again. What is refused carries Salesforce's own code
in the trailer `error-code`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import grpc

from orgbox.errors import OrgError
from orgbox.http.oauth import OAuth
from orgbox.ids import canonical
from orgbox.org import Org
from orgbox.pubsub import messages
from orgbox.pubsub.avro import EventSchema
from orgbox.pubsub.log import ChangeEvent, ChangeLog, UnknownReplayId, is_told_of, key_of, replay_id
from orgbox.pubsub.subscription import Refused, Subscription
from orgbox.schema.types import ObjectSchema

ALL = "/data/ChangeEvents"
#: A subscriber who has nothing to hear for so many seconds is told that, with a newer replay id.
KEEPS_ALIVE = 270.0
_CODES = "sfdc.platform.eventbus.grpc"


class PubSubDoor:
    """The door of one org; it tells of what is committed once it is open."""

    def __init__(self, org: Org, oauth: OAuth) -> None:
        self._org, self._oauth = org, oauth
        self._server: Any = None
        self._log: ChangeLog | None = None
        self._current: dict[str, tuple[ObjectSchema, EventSchema]] = {}
        self._schemas: dict[str, EventSchema] = {}
        self._calls = 0

    async def open(self, host: str, port: int, tls: tuple[Path, Path] | None = None) -> int:
        """Listen, in this event loop; the port, which the system chooses for 0. tls: files of certificate and key."""
        self._log = ChangeLog(self._org.state)
        self._server = grpc.aio.server()
        answer, stream = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
        handlers = {
            "GetTopic": answer(
                self._topic,
                messages.TopicRequest.FromString,
                messages.TopicInfo.SerializeToString,
            ),
            "GetSchema": answer(
                self._schema,
                messages.SchemaRequest.FromString,
                messages.SchemaInfo.SerializeToString,
            ),
            "Subscribe": stream(
                self._subscribe,
                messages.FetchRequest.FromString,
                messages.FetchResponse.SerializeToString,
            ),
        }
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(messages.SERVICE, handlers),)
        )
        place = f"{host}:{port}"
        if tls is None:
            bound = self._server.add_insecure_port(place)
        else:
            pair = (tls[1].read_bytes(), tls[0].read_bytes())
            bound = self._server.add_secure_port(place, grpc.ssl_server_credentials([pair]))
        await self._server.start()
        return int(bound)

    async def close(self) -> None:
        """Let go of every subscriber, and listen no more."""
        if self._server is not None and self._log is not None:
            self._log.close()
            await self._server.stop(None)
            self._server = self._log = None

    # Calls ------------------------------------------------------------------------------------------------------

    async def _topic(self, request: Any, context: Any) -> Any:
        try:
            self._signed_in(context)
            told = self._told_of(request.topic_name)
        except Refused as refused:
            return await _abort(context, refused)
        return messages.TopicInfo(
            topic_name=request.topic_name,
            tenant_guid=f"core/box/{self._org.id}",
            can_publish=False,
            can_subscribe=True,
            schema_id="" if request.topic_name == ALL else self._described(next(iter(told))).id,
            rpc_id=self._rpc_id(),
        )

    async def _schema(self, request: Any, context: Any) -> Any:
        try:
            self._signed_in(context)
            found = self._schema_with(request.schema_id)
        except Refused as refused:
            return await _abort(context, refused)
        return messages.SchemaInfo(schema_json=found.json, schema_id=found.id, rpc_id=self._rpc_id())

    async def _subscribe(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        first = await anext(aiter(requests), None)
        if first is None or self._log is None:
            return
        log = self._log
        try:
            user_id = self._signed_in(context)
            told = self._told_of(first.topic_name)
            here = Subscription(first.topic_name, _start(log, first))
        except Refused as refused:
            await _abort(context, refused)
            return
        here.ask(first.topic_name, first.num_requested)
        reading = asyncio.create_task(_read(requests, here))
        log.waiting[here.woken.set] = None
        try:
            while here.refusal is None:
                here.woken.clear()
                events = self._next(log, here, told, user_id)
                if events or (here.pending and await self._nothing_came(here)):
                    yield self._response(here, events, user_id)
                elif here.pending == 0 and here.over:
                    return
                elif here.pending == 0:
                    await here.woken.wait()
            await _abort(context, here.refusal)
        finally:
            log.waiting.pop(here.woken.set, None)
            reading.cancel()

    async def _nothing_came(self, here: Subscription) -> bool:
        """Wait for news; whether it is time to say that there is none."""
        try:
            await asyncio.wait_for(here.woken.wait(), KEEPS_ALIVE)
        except TimeoutError:
            return True
        return False

    def _next(
        self, log: ChangeLog, here: Subscription, told: frozenset[str], user_id: str
    ) -> list[ChangeEvent]:
        """The events that the subscriber is ready for and may see; it then stands behind them."""
        if not here.pending:
            return []
        wanted = (
            each for each in log.after(here.position) if each.sobject in told and self._sees(user_id, each)
        )
        events = list(islice(wanted, here.pending))
        here.position = events[-1].number if len(events) == here.pending else log.last
        here.pending -= len(events)
        return events

    def _response(self, here: Subscription, events: list[ChangeEvent], user_id: str) -> Any:
        return messages.FetchResponse(
            events=[self._consumed(each, user_id) for each in events],
            latest_replay_id=replay_id(here.position),
            rpc_id=self._rpc_id(),
            pending_num_requested=here.pending,
        )

    def _consumed(self, event: ChangeEvent, user_id: str) -> Any:
        schema = self._described(event.sobject)
        payload = schema.payload(event, self._org.seed, self._hidden(user_id, event.sobject))
        told = messages.ProducerEvent(
            id=key_of(self._org.seed, -event.number), schema_id=schema.id, payload=payload
        )
        return messages.ConsumerEvent(event=told, replay_id=replay_id(event.number))

    # Who may hear what ------------------------------------------------------------------------------------------

    def _signed_in(self, context: Any) -> str:
        """The user of a call's metadata: accesstoken, instanceurl, tenantid. Raises Refused."""
        given = {name: value for name, value in context.invocation_metadata() or () if isinstance(value, str)}
        try:
            user_id = self._oauth.user_of(f"Bearer {given.get('accesstoken', '')}")
            known = canonical(given.get("tenantid", "")) == self._org.id and bool(given.get("instanceurl"))
        except OrgError as error:
            raise Refused(grpc.StatusCode.UNAUTHENTICATED, "service.auth.error", error.message) from None
        if not known:
            said = "The instance or the org is not this one"
            raise Refused(grpc.StatusCode.UNAUTHENTICATED, "service.auth.error", said)
        return user_id

    def _told_of(self, topic: str) -> frozenset[str]:
        """The sObjects of a topic: /data/ChangeEvents, /data/TaskChangeEvent, /data/Deal__ChangeEvent. Raises Refused."""
        told = {
            f"/data/{each.name.removesuffix('c') if each.custom else each.name}ChangeEvent": each.name
            for each in self._org.state.schemas.values()
            if is_told_of(each)
        }
        if topic == ALL:
            return frozenset(told.values())
        if topic not in told:
            raise Refused(grpc.StatusCode.NOT_FOUND, "topic.not.found", f"There is no topic {topic}")
        return frozenset({told[topic]})

    def _schema_with(self, identifier: str) -> EventSchema:
        """The schema of that id, as it is or was since the door was opened. Raises Refused."""
        for schema in self._org.state.schemas.values():
            if is_told_of(schema):
                self._described(schema.name)
        found = self._schemas.get(identifier)
        if found is None:
            said = f"There is no schema {identifier}"
            raise Refused(grpc.StatusCode.NOT_FOUND, "schema.not.found", said)
        return found

    def _sees(self, user_id: str, event: ChangeEvent) -> bool:
        access = self._org.state.access.get(user_id)
        return access is None or access.sees(self._org.schema(event.sobject), event.record, user_id)

    def _hidden(self, user_id: str, sobject: str) -> frozenset[str]:
        access, schema = self._org.state.access.get(user_id), self._org.schema(sobject)
        if access is None:
            return frozenset()
        return frozenset(schema.by_name) - frozenset(access.schema(schema).by_name)

    # ------------------------------------------------------------------------------------------------------------

    def _described(self, sobject: str) -> EventSchema:
        schema = self._org.schema(sobject)
        known = self._current.get(sobject)
        if known is None or known[0] is not schema:  # new fields make a new schema
            made = EventSchema(schema)
            self._current[sobject], self._schemas[made.id] = (schema, made), made
        return self._current[sobject][1]

    def _rpc_id(self) -> str:
        self._calls += 1
        return key_of(self._org.seed, 10**9 + self._calls)


def _start(log: ChangeLog, request: Any) -> int:
    """Where a subscription begins. Raises Refused."""
    if request.replay_preset == messages.LATEST:
        return log.last
    if request.replay_preset == messages.EARLIEST:
        return log.earliest
    try:
        return log.position(request.replay_id)
    except UnknownReplayId:
        code = "subscription.fetch.replayid.corrupted"
        said = "The Replay ID is unknown, or its event is kept no more"
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, code, said) from None


async def _abort(context: Any, refused: Refused) -> None:
    """End a call; this raises."""
    await context.abort(refused.status, refused.message, (("error-code", f"{_CODES}.{refused.code}"),))


async def _read(requests: Any, here: Subscription) -> None:
    """Take in what a subscriber asks for, until it has no more to ask."""
    with suppress(asyncio.CancelledError):
        async for request in requests:
            here.ask(request.topic_name, request.num_requested)
    here.over = True
    here.woken.set()
