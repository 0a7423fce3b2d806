"""Limits of one exchange."""

from __future__ import annotations

from msgspec import Struct

from sendspec.protocol_limits import CONCURRENCY_MAX, EXCHANGE_SECONDS_MAX


class Limits(Struct, frozen=True):
    """The limits of an exchange, in seconds except `connections` and `answer_bytes`.

    `connect`, `read`, `write` and `pool` limit single steps, as in httpcore; `total` limits the whole
    exchange. `idle` is how long a connection stays open for the next request. `connections` is the
    vendor's limit for an organisation. The operating system limits the look-up of a host name.
    """

    connect: float = 10.0
    read: float = 60.0
    write: float = 30.0
    pool: float = 30.0
    total: float = EXCHANGE_SECONDS_MAX
    idle: float = 5.0
    connections: int = CONCURRENCY_MAX
    answer_bytes: int = 1024 * 1024
