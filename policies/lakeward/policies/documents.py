"""Policy documents as values. What each field means to a reader of the YAML stands in its description."""

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from lakeward.policies.masks import MASKS, Mask, MaskDefinition

_TABLES = re.compile(r"(\*|[a-z_][a-z0-9_]*\.(\*|[a-z_][a-z0-9_]*\*?))\Z")
_LARGEST_ARGUMENT = 1000
_MOST_MINUTES = 24 * 60
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TAGS = re.compile(r"(\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?)\Z")


class Document(BaseModel):
    """A part of a policy document: immutable, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _table_pattern(value: str) -> str:
    if not _TABLES.match(value):
        raise ValueError(
            "is no pattern of tables: `*`, `namespace.*`, `namespace.table` or `namespace.prefix*`"
        )
    return value


def _tag_pattern(value: str) -> str:
    if not _TAGS.match(value):
        raise ValueError("is no tag, and no `*` or `axis.*` either")
    return value


def _mask(value: object) -> object:
    """Read `pseudonym`, or `{round: {digits: 1}}`, as a mask."""
    if isinstance(value, Mask):
        return value
    name, arguments = (value, {}) if isinstance(value, str) else _single(value)
    definition = MASKS.get(name)
    if definition is None:
        raise ValueError(f"is no mask; the masks are {', '.join(sorted(MASKS))}")
    known = {**definition.required, **definition.optional}
    if missing := definition.required.keys() - arguments.keys():
        raise ValueError(f"needs {', '.join(sorted(missing))}")
    if unknown := arguments.keys() - known.keys():
        raise ValueError(f"takes no {', '.join(sorted(unknown))}")
    for argument, given in arguments.items():
        if not _is_argument(given, known[argument]):
            raise ValueError(f"takes another type or a smaller number for {argument}")
    return Mask(name, tuple(sorted(arguments.items())))


def _is_argument(given: object, kind: type) -> bool:
    if isinstance(given, bool):
        return kind is object
    if kind is int:
        return isinstance(given, int) and abs(given) <= _LARGEST_ARGUMENT
    return isinstance(given, str | int | float) and isinstance(given, kind)


def _single(value: object) -> tuple[str, dict[str, Any]]:
    if isinstance(value, dict) and len(value) == 1:
        [(name, arguments)] = value.items()
        if isinstance(name, str) and isinstance(arguments, dict | None):
            return name, dict(arguments or {})
    raise ValueError("is no mask: write its name, or its name with its arguments, `{round: {digits: 1}}`")


def _last_day(value: object) -> object:
    """Take a day and nothing else: a number would count as seconds since 1970, a time would be cut off."""
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    if not (value is None or is_day or (isinstance(value, str) and _DAY.match(value))):
        raise ValueError("is no day: write 2027-06-30, and the rule counts to the end of that day, UTC")
    return value


def _mask_schema() -> dict[str, Any]:
    """Describe a mask as documents write it: a name, or one name with its arguments."""
    plain = sorted(name for name, each in MASKS.items() if not each.required)
    return {
        "description": "A mask by name, or a name with its arguments.",
        "oneOf": [
            {"enum": plain},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {name: _arguments_schema(each) for name, each in sorted(MASKS.items())},
            },
        ],
    }


def _arguments_schema(mask: MaskDefinition) -> dict[str, Any]:
    names = [*mask.required, *mask.optional]
    kind: dict[str, Any] = {"type": "object", "additionalProperties": False}
    return {
        "description": mask.summary,
        **(kind if mask.required else {**kind, "type": ["object", "null"]}),
        "properties": {name: {"type": ["string", "number", "boolean"]} for name in names},
        "required": sorted(mask.required),
    }


def _pattern(pattern: re.Pattern[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": "^" + pattern.pattern.replace(r"\Z", "$")})


TablePattern = Annotated[str, AfterValidator(_table_pattern), _pattern(_TABLES)]
TagPattern = Annotated[str, AfterValidator(_tag_pattern), _pattern(_TAGS)]
MaskField = Annotated[Mask, BeforeValidator(_mask), WithJsonSchema(_mask_schema())]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_. -]*$", max_length=100)]
Member = Annotated[str, Field(pattern=r"^(group:)?[^\s:*,][^\s:*,]*$", max_length=200)]
ColumnName = Annotated[str, Field(pattern=r"^[^*]+$")]
LastDay = Annotated[dt.date, BeforeValidator(_last_day)]
Act = Annotated[str, Field(pattern=r"^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$")]
Study = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]


class Role(Document):
    """A role: its members, and the roles whose grants it has too."""

    members: tuple[Member, ...] = Field(default=(), description="Principals by name, groups as `group:NAME`.")
    includes: tuple[Name, ...] = Field(default=(), description="Roles that this role has as well.")


class ColumnRule(Document):
    """Columns, by tag or by name, and the mask through which they show."""

    tags: tuple[TagPattern, ...] = Field(
        default=(), min_length=1, description="Tags; `axis.*` for an axis, `*` for any."
    )
    names: tuple[ColumnName, ...] = Field(default=(), min_length=1, description="Columns by name.")
    mask: MaskField | None = Field(default=None, description="The mask.")
    profile: Literal["safe-harbor"] | None = Field(
        default=None, description="Masks for every HIPAA identifier."
    )

    @model_validator(mode="after")
    def _says_what_and_how(self) -> "ColumnRule":
        if self.profile is not None:
            if self.tags or self.names or self.mask:
                raise ValueError("a profile brings its own tags and masks: it stands alone")
        elif self.mask is None:
            raise ValueError("needs a mask; `clear` shows the cells")
        elif not (self.tags or self.names):
            raise ValueError("needs tags or names")
        return self


class Rule(Document):
    """What grants and restrictions share.

    A list that is left out has a meaning of its own, mostly "any"; one that is there and empty is a slip that
    would mean as much, so it is refused.
    """

    id: Identifier = Field(description="A name of its own, which decisions and records quote.")
    purposes: tuple[str, ...] = Field(
        default=(), min_length=1, description="Purposes it is for; any declared one if left out."
    )
    tables: tuple[TablePattern, ...] = Field(default=(), min_length=1, description="Tables, by pattern.")
    tagged: tuple[TagPattern, ...] = Field(
        default=(), min_length=1, description="Only tables that bear one of these tags."
    )
    rows: str | None = Field(
        default=None, description="A condition on raw values; rows show where it is true."
    )
    columns: tuple[ColumnRule, ...] = Field(default=(), description="Columns and their masks.")
    until: LastDay | None = Field(default=None, description="The last day, UTC, on which it counts.")

    @model_validator(mode="after")
    def _says_where(self) -> "Rule":
        if not (self.tables or self.tagged):
            raise ValueError("needs tables or tagged")
        return self


class BreakGlass(Document):
    """That a grant counts only for who has asked for it in an emergency, and how long at most."""

    minutes: int = Field(
        ge=1, le=_MOST_MINUTES, strict=True, description="How long a request counts at most, in minutes."
    )


class Grant(Rule):
    """A rectangle of cells that roles may see."""

    to: tuple[str, ...] = Field(min_length=1, description="Roles.")
    study: Study | None = Field(default=None, description="The key domain of its pseudonyms and date shifts.")
    break_glass: BreakGlass | None = Field(
        default=None, description="It counts only after `lakeward break-glass request`, and for so long."
    )
    past: tuple[Literal["dropped", "erased"], ...] = Field(
        default=(),
        min_length=1,
        description="What it shows of old snapshots beyond what is there today: columns that were `dropped` "
        "since, by their tags; tables as they were before rows were `erased`.",
    )

    @model_validator(mode="after")
    def _shows_something(self) -> "Grant":
        if not self.columns:
            raise ValueError("needs columns: without them it shows nothing")
        return self


class Restriction(Rule):
    """What nobody whom it binds may see, or only through a mask, whatever was granted."""

    to: tuple[str, ...] = Field(
        default=(), min_length=1, description="Roles that it binds; everyone if left out."
    )
    except_: tuple[str, ...] = Field(
        default=(), min_length=1, alias="except", description="Roles that it does not bind."
    )

    @model_validator(mode="after")
    def _restricts_something(self) -> "Restriction":
        if self.rows is None and not self.columns:
            raise ValueError("needs rows or columns: without them it restricts nothing")
        return self


class Right(Document):
    """What roles may do that is no query."""

    id: Identifier = Field(description="A name of its own.")
    to: tuple[str, ...] = Field(min_length=1, description="Roles.")
    may: tuple[Act, ...] = Field(
        min_length=1, description="Acts, as `policy.read`, `tag.*`, `audit.read`, or `*`."
    )
    tables: tuple[TablePattern, ...] = Field(
        default=("*",), min_length=1, description="Where, for acts on tables."
    )


class PolicyDocument(Document):
    """One policy document; those of a lake count together."""

    version: Literal[1] = Field(description="The form of this document.")
    roles: dict[Name, Role] = Field(default_factory=dict, description="Roles by name.")
    purposes: tuple[Name, ...] = Field(default=(), description="Purposes that a query may be for.")
    grants: tuple[Grant, ...] = Field(default=(), description="What may be seen.")
    restrictions: tuple[Restriction, ...] = Field(default=(), description="What binds whatever was granted.")
    rights: tuple[Right, ...] = Field(default=(), description="What may be done.")
