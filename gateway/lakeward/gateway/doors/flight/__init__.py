"""The Arrow Flight SQL door: SQL in as Flight SQL's messages, Arrow out as it comes."""

from lakeward.gateway.doors.flight.door import FlightDoor

__all__ = ["FlightDoor"]
