"""How is an org served? Blocking for `orgbox serve`, in a background thread for tests and demos."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import uvicorn
from starlette.applications import Starlette

from orgbox.http import create_app
from orgbox.mail import MailDoor
from orgbox.org import Org
from orgbox.soql import get_ready

T = TypeVar("T")
# uvicorn's words for a reply that a fault broke off on purpose; all other errors of the server are logged.
_BROKEN_OFF = "ASGI callable returned without completing response."
logging.getLogger("uvicorn.error").addFilter(lambda record: record.msg != _BROKEN_OFF)
_STARTS_WITHIN = 30.0
_SAVES_EVERY_SECONDS = 5
# Longer than the five seconds after which clients look again for a job: they take a connection that breaks for an outage.
_KEEPS_ALIVE = 75


def _config(app: Starlette, tls: tuple[Path, Path] | None = None, **more: Any) -> uvicorn.Config:
    # Date comes from the org's clock.
    return uvicorn.Config(
        app,
        lifespan="off",
        log_level="error",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEPS_ALIVE,
        ssl_certfile=None if tls is None else tls[0],
        ssl_keyfile=None if tls is None else tls[1],
        **more,
    )


def serve(
    app: Starlette,
    host: str = "127.0.0.1",
    port: int = 8001,
    save: Callable[[], None] | None = None,
    tls: tuple[Path, Path] | None = None,
    mail_port: int | None = None,
    pubsub_port: int | None = None,
) -> None:
    """Serve an org's application until it is interrupted; `save` is called now and then, and at the end.

    mail_port: where mail for Email to Salesforce is taken, too; pubsub_port: where changes are told by the Pub/Sub API, which
    needs the extra `pubsub`; None for nowhere.
    """
    get_ready()
    doors = _doors(app, host, mail_port, pubsub_port, tls)
    if save is None:
        _WithDoors(_config(app, tls, host=host, port=port), doors).run()
        return

    async def keep() -> None:
        save()

    config = _config(
        app, tls, host=host, port=port, callback_notify=keep, timeout_notify=_SAVES_EVERY_SECONDS
    )
    server = _Saving(config, doors)
    server.save = save
    server.run()


Open = Callable[[], Awaitable[int]]
Close = Callable[[], Awaitable[None]]


def _doors(
    app: Starlette, host: str, mail_port: int | None, pubsub_port: int | None, tls: tuple[Path, Path] | None
) -> dict[str, tuple[Open, Close]]:
    """What opens and closes each door that is wanted beside HTTP: mail, pubsub."""
    doors: dict[str, tuple[Open, Close]] = {}
    if mail_port is not None:
        mail: MailDoor = app.state.door

        async def close() -> None:
            mail.close()

        doors["mail"] = (partial(mail.open, host, mail_port), close)
    if pubsub_port is not None:
        from orgbox.pubsub.door import PubSubDoor  # an extra: not everybody has its libraries

        changes = PubSubDoor(app.state.org, app.state.oauth)
        doors["pubsub"] = (partial(changes.open, host, pubsub_port, tls), changes.close)
    return doors


class _WithDoors(uvicorn.Server):
    """A server that opens other doors as well, in the same event loop. `ports`: where they listen, by name."""

    def __init__(self, config: uvicorn.Config, doors: Mapping[str, tuple[Open, Close]]) -> None:
        super().__init__(config)
        self._doors = doors
        self.ports: dict[str, int] = {}

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for name, (open_it, _) in self._doors.items():
            self.ports[name] = await open_it()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for _, close in self._doors.values():
            await close()
        await super().shutdown(sockets)


class _Saving(_WithDoors):
    """A server that keeps its org when it stops."""

    save: Callable[[], None]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self.save()


class _Announced(_WithDoors):
    """A server that says when it is ready, and in which loop it runs."""

    def __init__(self, config: uvicorn.Config, doors: Mapping[str, tuple[Open, Close]]) -> None:
        super().__init__(config, doors)
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()


class RunningOrg:
    """An org behind HTTP on a loopback port of its own, while the `with` block lasts.

        with RunningOrg(Org(clock)) as running:
            httpx2.get(running.url + "/services/data")
            running.call(lambda: running.org.insert("Task", {"Subject": "Call Ann"}))

    tls: the files of a certificate and its key, for https.
    mail_port, pubsub_port: where its other doors listen, 0 for any port (`self.mail_port` then says which); None for no door.
    The server runs in its own thread: touch `org` and `app.state` through `call`, which runs a function there.
    """

    def __init__(
        self,
        org: Org,
        *,
        rotate_tokens: bool = False,
        daily_api_requests: int = 100_000,
        callbacks: Sequence[str] = (),
        job_delay: float = 0.0,
        tls: tuple[Path, Path] | None = None,
        mail_port: int | None = None,
        pubsub_port: int | None = None,
    ) -> None:
        self.org = org
        self.app = create_app(
            org,
            rotate_tokens=rotate_tokens,
            daily_api_requests=daily_api_requests,
            callbacks=callbacks,
            job_delay=job_delay,
        )
        # asyncio turns Nagle's algorithm off only for sockets that name TCP; with it each reply waits 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"
        self.door: MailDoor = self.app.state.door
        doors = _doors(self.app, "127.0.0.1", mail_port, pubsub_port, tls)
        self._server = _Announced(_config(self.app, tls), doors)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="orgbox", daemon=True
        )

    def __enter__(self) -> Self:
        get_ready()
        self._thread.start()
        if not self._server.ready.wait(_STARTS_WITHIN):
            raise TimeoutError(f"The org's server did not start within {_STARTS_WITHIN:g} seconds.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    @property
    def mail_port(self) -> int | None:
        """Where mail is taken; None without a mail door."""
        return self._server.ports.get("mail")

    @property
    def pubsub_port(self) -> int | None:
        """Where the Pub/Sub API answers; None where it does not."""
        return self._server.ports.get("pubsub")

    def call(self, function: Callable[[], T]) -> T:
        """Run a function in the server's thread, between requests, and return what it returns."""

        async def run() -> T:
            return function()

        loop = self._server.loop
        if loop is None:
            raise RuntimeError("The org is not running; use it as a context manager.")
        return asyncio.run_coroutine_threadsafe(run(), loop).result()
