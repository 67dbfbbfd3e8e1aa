"""The HTTP door: SQL in as JSON, Arrow IPC or JSON out."""

from lakeward.gateway.doors.http.door import HttpDoor

__all__ = ["HttpDoor"]
