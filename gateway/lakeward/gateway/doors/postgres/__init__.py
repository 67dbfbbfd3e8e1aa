"""PostgreSQL's wire protocol, our own: every statement goes the one way through the gateway.

The protocol is spoken in one loop; whatever waits for the gateway does so in a thread. Rows are encoded
column by column in Arrow and sent as fast as the client takes them. Catalog queries are answered from what
the principal may see. Must not decide, nor run a statement anywhere but through the gateway.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lakeward.gateway.doors.postgres.door import PostgresDoor

__all__ = ["PostgresDoor"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what a module has
    """Import the door when it is asked for."""
    if name == "PostgresDoor":
        from lakeward.gateway.doors.postgres.door import PostgresDoor  # noqa: PLC0415

        return PostgresDoor
    raise AttributeError(name)
