"""An org whose clock stands still until a test moves it, alone or behind HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.orgbox.box import KEY, START, Api

from orgbox.clock import VirtualClock
from orgbox.org import Org
from orgbox.server import RunningOrg


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def org(clock: VirtualClock) -> Org:
    """An org with a unique key on Task."""
    return Org(clock, seed=7, task_fields=[KEY])


@pytest.fixture
def running(org: Org) -> Iterator[RunningOrg]:
    with RunningOrg(org) as served:
        yield served


@pytest.fixture
def api(running: RunningOrg) -> Iterator[Api]:
    client = Api(running)
    yield client
    client.http.close()
