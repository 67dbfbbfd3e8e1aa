"""`[gateway.identity]` of `lakeward.toml`: how people prove who they are."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lakeward.catalog.config import CONFIG_FILE, InvalidConfigError
from lakeward.catalog.lake import Lake
from lakeward.gateway.identity.scram import DEFAULT_ITERATIONS


class IdentitySettings(BaseModel):
    """What a lake asks of passwords, bearers and certificates.

    Attributes:
        scram_iterations: Work factor of new password verifiers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scram_iterations: int = Field(default=DEFAULT_ITERATIONS, ge=4096, le=10_000_000)


def identity_settings(lake: Lake) -> IdentitySettings:
    """Read the settings of a lake.

    Raises:
        InvalidConfigError: One is not valid.
    """
    raw: Any = lake.config.gateway.get("identity", {})
    try:
        return IdentitySettings.model_validate(raw)
    except ValidationError as error:
        faults = [
            f"`gateway.identity.{'.'.join(map(str, each['loc']))}`: {each['msg']}"
            for each in error.errors(include_input=False)
        ]
        raise InvalidConfigError(lake.root / CONFIG_FILE, faults) from None
