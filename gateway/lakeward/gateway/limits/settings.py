"""`[gateway.limits]` of `lakeward.toml`: what each principal may use, and what all of them together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from lakeward.catalog.config import CONFIG_FILE, InvalidConfigError
from lakeward.catalog.lake import Lake
from lakeward.gateway.engines.workers.settings import size_bytes
from lakeward.gateway.session import Limits


def _bytes(given: object) -> object:
    return size_bytes(given) if isinstance(given, str) else given


class Allowance(BaseModel):
    """What somebody may use; what is left out is said elsewhere, or is the default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statements: int | None = Field(
        default=None, ge=1, le=10_000, description="Statements that run at once, open cursors included."
    )
    queue: int | None = Field(
        default=None, ge=0, le=10_000, description="Statements that may wait for their turn."
    )
    wait_seconds: float | None = Field(
        default=None, ge=0.0, le=600.0, description="How long one may wait before it is refused."
    )
    seconds: float | None = Field(
        default=None, gt=0.0, le=86_400.0, description="Time of one statement, from start to last row."
    )
    rows: int | None = Field(default=None, ge=1, description="Rows of one answer.")
    bytes: Annotated[int, BeforeValidator(_bytes)] | None = Field(
        default=None, ge=1, description="Size of one answer's values, such as `2GB`."
    )
    memory: str | None = Field(
        default=None, description="Memory of the engine for one statement, such as `2GB`."
    )
    threads: int | None = Field(
        default=None, ge=1, le=256, description="Threads of the engine for one statement."
    )

    @field_validator("memory")
    @classmethod
    def _is_size(cls, text: str | None) -> str | None:
        if text is not None:
            size_bytes(text)
        return text

    def said(self) -> dict[str, Any]:
        """Give what is said here, and nothing else."""
        return {name: value for name in Allowance.model_fields if (value := getattr(self, name)) is not None}


class LimitSettings(Allowance):
    """What everybody may use, and who may use more or less."""

    total_statements: int = Field(
        default=64, ge=1, le=10_000, description="Statements of everybody that run at once."
    )
    total_queue: int = Field(
        default=256, ge=0, le=10_000, description="Statements of everybody that wait for their turn."
    )
    principals: dict[str, Allowance] = Field(default={}, description="For one principal, by name.")
    groups: dict[str, Allowance] = Field(default={}, description="For the members of a group.")
    roles: dict[str, Allowance] = Field(default={}, description="For whoever has a role of the policies.")

    @cached_property
    def everybody(self) -> Limits:
        """What a principal may use of whom nothing else is said."""
        return _limited(Limits(), self.said())

    def of(self, principal: str, groups: Iterable[str], roles: Iterable[str]) -> Limits:
        """Give the limits of a principal.

        What is said of the principal wins; then, of all that is said of their groups and roles, the most;
        then what is said of everybody.
        """
        if not (self.principals or self.groups or self.roles):
            return self.everybody
        shared = [self.groups[each] for each in groups if each in self.groups]
        shared += [self.roles[each] for each in roles if each in self.roles]
        own = self.principals.get(principal, Allowance())
        return _limited(self.everybody, _most([each.said() for each in shared]) | own.said())


def _most(said: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    most: dict[str, Any] = {}
    for each in said:
        for name, value in each.items():
            if name not in most or _size(name, value) > _size(name, most[name]):
                most[name] = value
    return most


def _size(name: str, value: Any) -> float:  # noqa: ANN401  a number, or text of a size
    return size_bytes(value) if name == "memory" else float(value)


def _limited(limits: Limits, said: Mapping[str, Any]) -> Limits:
    return replace(limits, **said)


def limit_settings(lake: Lake) -> LimitSettings:
    """Read the settings of a lake.

    Raises:
        InvalidConfigError: One is not valid.
    """
    try:
        return LimitSettings.model_validate(lake.config.gateway.get("limits", {}))
    except ValidationError as error:
        faults = [
            f"`gateway.limits.{'.'.join(map(str, each['loc']))}`: {each['msg']}"
            for each in error.errors(include_input=False)
        ]
        raise InvalidConfigError(lake.root / CONFIG_FILE, faults) from None
