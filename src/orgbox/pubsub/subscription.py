"""Where does a subscriber stand, and for how many events is it ready? (Pub/Sub API: "Subscribe RPC Method", flow control)"""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

#: A subscriber that asks for more is taken to be ready for so many.
MOST_PENDING = 100


class Refused(Exception):
    """A call is refused: gRPC's status, the end of Salesforce's code, and words."""

    def __init__(self, status: Any, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Subscription:
    """One stream: where it stands, how many events its client is ready for, and why it ends."""

    def __init__(self, topic: str, position: int) -> None:
        self.topic, self.position = topic, position
        self.pending = 0
        self.over = False
        self.refusal: Refused | None = None
        self.woken = asyncio.Event()

    def ask(self, topic: str, number: int) -> None:
        """Take in a request for more events."""
        if topic not in ("", self.topic):
            self.refusal = Refused(
                grpc.StatusCode.INVALID_ARGUMENT,
                "subscription.topic.change.not.allowed",
                "The topic of a subscription cannot change",
            )
        elif number <= 0:
            self.refusal = Refused(
                grpc.StatusCode.INVALID_ARGUMENT,
                "subscription.fetch.requested.events.must.be.greater.than.zero",
                "num_requested must be greater than 0",
            )
        else:
            self.pending = min(self.pending + number, MOST_PENDING)
        self.woken.set()
