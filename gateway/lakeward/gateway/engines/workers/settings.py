"""`[gateway.workers]` of `lakeward.toml`: how many processes run statements, and what one may use."""

import os
import re
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lakeward.catalog.config import CONFIG_FILE, InvalidConfigError
from lakeward.catalog.lake import Lake

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B\Z", re.IGNORECASE)
_POWERS: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


class WorkerSettings(BaseModel):
    """What the workers of a gateway may use.

    Attributes:
        readers: Processes that read tables; each runs one statement at a time.
        benches: Processes kept ready for the statements of users; each runs one and is thrown away.
        process_memory: Address space of one process.
        spill: The most that one process may write to its spill folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    readers: int = Field(default_factory=lambda: max(2, os.cpu_count() or 2), ge=1, le=256)
    benches: int = Field(default=2, ge=0, le=256)
    process_memory: str = "12GB"
    spill: str = "8GB"

    @field_validator("process_memory", "spill")
    @classmethod
    def _is_size(cls, text: str) -> str:
        size_bytes(text)
        return text


def size_bytes(text: str) -> int:
    """Return the bytes of a size such as `2GB` or `512MiB`.

    Raises:
        ValueError: It is none.
    """
    found = _SIZE.match(text.strip())
    if found is None:
        raise ValueError("must be a size such as 2GB or 512MiB")
    number, power, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** _POWERS[power.upper()])


def worker_settings(lake: Lake) -> WorkerSettings:
    """Read the settings of a lake.

    Raises:
        InvalidConfigError: One is not valid.
    """
    try:
        return WorkerSettings.model_validate(lake.config.gateway.get("workers", {}))
    except ValidationError as error:
        faults = [
            f"`gateway.workers.{'.'.join(map(str, each['loc']))}`: {each['msg']}"
            for each in error.errors(include_input=False)
        ]
        raise InvalidConfigError(lake.root / CONFIG_FILE, faults) from None
