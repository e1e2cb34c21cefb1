"""How are requests made from an OpenAPI document: well-formed ones and broken ones, and the same at every run?

With Schemathesis. What a body of a media type other than JSON may be, no document says: it is told here.
"""

from __future__ import annotations

from collections.abc import Sequence

import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st


def repeatable(examples: int) -> settings:
    """So many requests of each operation, the same at every run, however long one takes."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def bodies_of(kind: str, pieces: Sequence[bytes], joint: bytes, *, most: int, noise: int) -> None:
    """Bodies of this media type are up to `most` of these pieces in any order, or up to `noise` bytes that mean nothing."""
    made = st.lists(st.sampled_from(pieces), max_size=most).map(joint.join)
    schemathesis.openapi.media_type(kind, made | st.binary(max_size=noise))
    schemathesis.serializer(kind)(lambda context, value: value)
