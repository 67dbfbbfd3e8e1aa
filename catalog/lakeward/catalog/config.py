"""A lake's settings: `lakeward.toml`, read once and checked."""

import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from lakeward.catalog.errors import InputError, UnavailableError

CONFIG_FILE = "lakeward.toml"

AttributeValue = str | int | float | bool | list[str]


class NotALakeError(UnavailableError):
    """A folder without a lake in it."""

    code = "not-a-lake"

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"{root} holds no lake: there is no {CONFIG_FILE}.",
            hint="Make one with `lakeward init DIR`, or name another folder with --lake.",
        )


class InvalidConfigError(InputError):
    """A `lakeward.toml` that cannot be used."""

    code = "invalid-config"

    def __init__(self, path: Path, faults: list[str]) -> None:
        super().__init__(
            f"{path} is not valid: {'; '.join(faults)}.", hint="Mend the file, then run `lakeward doctor`."
        )


class PrincipalConfig(BaseModel):
    """What the lake knows of one principal: groups, and attributes that row filters may ask for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    groups: list[str] = []
    attributes: dict[str, AttributeValue] = {}


class LakeConfig(BaseModel):
    """`lakeward.toml`.

    Attributes:
        name: The lake's name in SQL: `lake.namespace.table`.
        default_namespace: Where a bare table name is looked up.
        study: The key domain of pseudonyms and date shifts when a grant names none.
        catalog: SQLAlchemy address of the Iceberg SQL catalog; by default SQLite in the lake's folder.
        store: SQLAlchemy address of the governance store; by default SQLite in the lake's folder.
        warehouse: Where tables are written; by default `warehouse/` in the lake's folder.
        properties: More properties for pyiceberg's catalog and file access (S3 endpoints and the like).
        principals: Groups and attributes by principal.
        gateway: Settings of the gateway, which checks them itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="lake", pattern=r"^[a-z_][a-z0-9_]{0,63}$")
    default_namespace: str = Field(default="main", pattern=r"^[a-z_][a-z0-9_]{0,63}$")
    study: str = Field(default="lake", pattern=r"^[a-z0-9_][a-z0-9_.-]{0,63}$")
    catalog: str = ""
    store: str = ""
    warehouse: str = ""
    properties: dict[str, str] = {}
    principals: dict[str, PrincipalConfig] = {}
    gateway: dict[str, Any] = {}

    @field_validator("catalog", "store")
    @classmethod
    def _is_address(cls, text: str) -> str:
        try:
            return text and with_driver(text)
        except ArgumentError:
            raise ValueError("is no database address such as postgresql+psycopg://host/name") from None


def with_driver(address: str) -> str:
    """Name the driver in a PostgreSQL address that names none, or is written as libpq writes it."""
    make_url(address)
    scheme, mark, rest = address.partition("://")
    return f"postgresql+psycopg{mark}{rest}" if scheme in ("postgres", "postgresql") else address


def load_config(root: Path) -> LakeConfig:
    """Read `lakeward.toml` under `root`, with the places it leaves out filled in.

    Raises:
        NotALakeError: There is no such file.
        InvalidConfigError: It is no TOML, or holds a setting that is not valid.
    """
    path = root / CONFIG_FILE
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise NotALakeError(root) from None
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfigError(path, [f"not TOML ({error})"]) from None
    return _with_defaults(_validated(path, raw), root)


def _validated(path: Path, raw: dict[str, Any]) -> LakeConfig:
    try:
        return LakeConfig.model_validate(raw)
    except ValidationError as error:
        faults = [
            f"`{'.'.join(map(str, each['loc']))}`: {each['msg']}"
            for each in error.errors(include_input=False)
        ]
        raise InvalidConfigError(path, faults) from None


def _with_defaults(config: LakeConfig, root: Path) -> LakeConfig:
    places = {
        "catalog": config.catalog or f"sqlite:///{root / 'catalog.db'}",
        "store": config.store or f"sqlite:///{root / 'governance.db'}",
        "warehouse": config.warehouse or (root / "warehouse").as_uri(),
    }
    return config.model_copy(update=places)


def initial_config(name: str, database: str = "") -> str:
    """Give the text of a new lake's `lakeward.toml`, with catalog and store in a database or its folder."""
    address = json.dumps(
        database or "postgresql+psycopg://...", ensure_ascii=False
    )  # TOML's strings are JSON's
    mark = "" if database else "# "
    return f'''# The settings of this lake. `lakeward doctor` checks them.
name = "{name}"              # its name in SQL: {name}.namespace.table
default_namespace = "main"   # where a bare table name is looked up
study = "lake"               # key domain of pseudonyms and date shifts, when a grant names none

{mark}catalog = {address}   # Iceberg catalog; by default catalog.db in this folder
{mark}store = {address}     # governance store; by default governance.db in this folder
# warehouse = "s3://bucket/path"         # where tables are written; by default warehouse/ in this folder

# [principals.ada]
# groups = ["genomics"]
# attributes = {{ site = "boston" }}

# [gateway.serve]
# http = "127.0.0.1:8443"                # the doors that `lakeward serve` opens, as its options name them
'''
