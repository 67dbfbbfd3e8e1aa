"""Whether a gateway can take statements now."""

from dataclasses import dataclass


@dataclass(slots=True)
class Readiness:
    """What the doors tell a load balancer; `is_open` while every door is open and none is closing."""

    is_open: bool = False
