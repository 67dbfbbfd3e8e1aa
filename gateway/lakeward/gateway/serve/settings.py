"""`[gateway.serve]` of `lakeward.toml`: which doors, where, with which certificate."""

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lakeward.catalog.config import CONFIG_FILE, InvalidConfigError
from lakeward.catalog.errors import InputError
from lakeward.catalog.lake import Lake

_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.%]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})\Z")
_MOST_PORT = 65_535


class InvalidAddressError(InputError):
    """An address that no door can be opened at."""

    code = "invalid-address"

    def __init__(self, received: str) -> None:
        super().__init__(
            f"{received!r} is no HOST:PORT.",
            hint="For example 127.0.0.1:8443, [::1]:8443, or port 0 for a free one.",
        )


class NoDoorError(InputError):
    """A gateway is to serve and no door is named."""

    code = "no-door"

    def __init__(self) -> None:
        super().__init__(
            "No door is named, so nobody could come in.",
            hint="Name one or more: `lakeward serve --http 127.0.0.1:8443`, or `http` in [gateway.serve].",
        )


@dataclass(frozen=True, slots=True)
class Address:
    """Where a door is opened."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read HOST:PORT; an IPv6 address stands in brackets.

        Raises:
            InvalidAddressError: It is something else.
        """
        found = _ADDRESS.match(text)
        if found is None or int(found["port"]) > _MOST_PORT:
            raise InvalidAddressError(text)
        return cls(found["six"] or found["host"], int(found["port"]))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class ServeSettings(BaseModel):
    """What a lake says of serving; the command line's own words win.

    Attributes:
        postgres: Address of the PostgreSQL door.
        flight: Address of the Flight SQL door.
        http: Address of the HTTP door.
        certificate: PEM file of the certificate that all doors show; by default one that signs itself.
        key: PEM file of its key.
        drain_seconds: How long running statements may go on when the gateway stops.
        http_connections: How many connections the HTTP door keeps open at once.
        trusted_proxies: Addresses whose X-Forwarded-For header is believed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    postgres: str | None = None
    flight: str | None = None
    http: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    drain_seconds: float = Field(default=30.0, ge=0.0, le=3600.0)
    http_connections: int = Field(default=256, ge=1, le=10_000)
    trusted_proxies: list[str] = []

    @field_validator("postgres", "flight", "http")
    @classmethod
    def _is_address(cls, text: str | None) -> str | None:
        try:
            return text and str(Address.parse(text))
        except InvalidAddressError:
            raise ValueError("is no HOST:PORT") from None


def serve_settings(lake: Lake) -> ServeSettings:
    """Read the settings of a lake.

    Raises:
        InvalidConfigError: One is not valid.
    """
    try:
        return ServeSettings.model_validate(lake.config.gateway.get("serve", {}))
    except ValidationError as error:
        faults = [
            f"`gateway.serve.{'.'.join(map(str, each['loc']))}`: {each['msg']}"
            for each in error.errors(include_input=False)
        ]
        raise InvalidConfigError(lake.root / CONFIG_FILE, faults) from None
