"""Tags: set, removed, listed, found, followed and accepted. Reading them imports nothing heavy.

A path is a column's name, a dotted path into it (`address.street`, `codes.element`, `info.value`), or `*` for
the table or namespace as a whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.effective import TABLE, OwnTags, effective_tags, is_classified, walk
from lakeward.catalog.errors import InputError, UnavailableError
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import (
    ABANDONED,
    APPLIED,
    LedgerRow,
    TagAct,
    history,
    last_generation,
    settle,
    write_pending,
)
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import UnverifiedTagsError, namespace_subject, read_table, standing
from lakeward.catalog.rows import (
    catalog_rows,
    metadata_location,
    namespace_properties,
    write_namespace_properties,
)
from lakeward.catalog.signature import DIGEST, PREFIX, SignedTags, read_unverified, sign
from lakeward.catalog.store.store import NAMESPACE_LOCK, begin
from lakeward.catalog.types import Field

WHOLE = "*"

PathTags = Mapping[str, Iterable[str]]


class UnknownColumnError(InputError):
    """A path that leads to no column."""

    code = "unknown-column"

    def __init__(self, name: TableName, path: str, valid: Iterable[str]) -> None:
        super().__init__(
            f"{name} has no column {path!r}. It has: {', '.join(valid)}.",
            hint="Nested fields are dotted: `address.street`, `codes.element`, `info.key`, `info.value`; `*` "
            "is the table.",
        )


class MissingReasonError(InputError):
    """A tag is to be removed or accepted without a reason."""

    code = "missing-reason"

    def __init__(self) -> None:
        super().__init__("Removing or accepting tags needs a reason.", hint="Say why with --reason.")


class NotTaggedError(InputError):
    """A tag is to be removed where it is not set."""

    code = "not-tagged"

    def __init__(self, path: str, tag: str) -> None:
        super().__init__(
            f"{path!r} does not bear {tag} itself.",
            hint="An inherited tag is removed where it is set; see `lakeward tag list`.",
        )


class UnknownNamespaceError(InputError):
    """There is no such namespace."""

    code = "unknown-namespace"

    def __init__(self, namespace: str) -> None:
        super().__init__(
            f"There is no namespace {namespace!r}.", hint="List the tables with `lakeward table list`."
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TagListing:
    """The tags of one path: set on it, and in effect on it."""

    path: str
    own: frozenset[str]
    effective: frozenset[str]
    is_classified: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TagLocation:
    """A place where a tag is in effect; `source` is the path, table or namespace where it is set."""

    table: TableName
    path: str
    tag: str
    source: str


class UnsearchedTablesError(UnavailableError):
    """Some tables cannot be read, so what was found is not all.

    Attributes:
        found: What was found in the others.
    """

    code = "unsearched-tables"

    def __init__(self, found: "list[TagLocation]", refused: Mapping[TableName, str]) -> None:
        listed = ", ".join(f"{name} ({code})" for name, code in sorted(refused.items()))
        super().__init__(
            f"These tables cannot be read, so they were not searched: {listed}.",
            hint="See what is wrong with each with `lakeward doctor`.",
        )
        self.found = found


def set_tags(
    lake: Lake, name: TableName, tags: PathTags, *, actor: str, reason: str | None = None
) -> tuple[TagAct, ...]:
    """Put tags on columns of a table, or on the table (`*`), in one commit; gives what was not there before.

    Raises:
        UnknownTagError: The taxonomy does not hold one.
        UnknownColumnError: A path leads nowhere.
        UnverifiedTagsError: The table's tags do not verify.
    """
    wanted = {path: frozenset(lake.taxonomy.require(tag).name for tag in each) for path, each in tags.items()}
    return _retag(lake, name, [("set", wanted)], actor, reason)


def set_tag(
    lake: Lake, name: TableName, path: str, tag: str, *, actor: str, reason: str | None = None
) -> None:
    """Put one tag on one path; see `set_tags`."""
    set_tags(lake, name, {path: [tag]}, actor=actor, reason=reason)


def remove_tags(
    lake: Lake, name: TableName, tags: PathTags, *, actor: str, reason: str
) -> tuple[TagAct, ...]:
    """Take tags off columns of a table, or off the table (`*`), in one commit.

    Raises:
        MissingReasonError: The reason is empty.
        NotTaggedError: A tag is not set there.
    """
    if not reason.strip():
        raise MissingReasonError
    gone = {path: frozenset(each) for path, each in tags.items()}
    return _retag(lake, name, [("remove", gone)], actor, reason)


def remove_tag(lake: Lake, name: TableName, path: str, tag: str, *, actor: str, reason: str) -> None:
    """Take one tag off one path; see `remove_tags`."""
    remove_tags(lake, name, {path: [tag]}, actor=actor, reason=reason)


def change_tags(
    lake: Lake,
    name: TableName,
    sets: PathTags,
    removes: PathTags,
    *,
    actor: str,
    reason: str | None = None,
) -> tuple[TagAct, ...]:
    """Put tags on columns of a table and take others off, in one commit; see `set_tags` and `remove_tags`."""
    if any(removes.values()) and not (reason and reason.strip()):
        raise MissingReasonError
    wanted = {path: frozenset(lake.taxonomy.require(tag).name for tag in each) for path, each in sets.items()}
    gone = {path: frozenset(each) for path, each in removes.items()}
    return _retag(lake, name, [("remove", gone), ("set", wanted)], actor, reason)


def _retag(
    lake: Lake,
    name: TableName,
    orders: list[tuple[str, Mapping[str, frozenset[str]]]],
    actor: str,
    reason: str | None,
) -> tuple[TagAct, ...]:
    from lakeward.catalog.commit import Act, change_table  # noqa: PLC0415  pyiceberg, for writers only

    made: list[TagAct] = []

    def plan(fields: tuple[Field, ...], own: OwnTags) -> list[TagAct]:
        return [act for action, wanted in orders for act in plan_acts(name, fields, own, action, wanted)]

    def retag(fields: tuple[Field, ...], own: OwnTags) -> tuple[OwnTags, list[TagAct]]:
        made[:] = plan(fields, own)
        return apply_acts(own, made), made

    if planned := plan(read_table(lake, name).metadata.fields, _own(lake, name)):
        kind = "tag.remove" if any(each.action == "remove" for each in planned) else "tag.set"
        change_table(lake, name, Act(kind=kind, actor=actor, reason=reason), retag=retag)
    return tuple(made)


def plan_acts(
    name: TableName,
    fields: tuple[Field, ...],
    own: OwnTags,
    action: str,
    wanted: Mapping[str, frozenset[str]],
) -> list[TagAct]:
    """Give the acts that are left to do, or refuse.

    Raises:
        UnknownColumnError: A path leads nowhere.
        NotTaggedError: A tag that is to go is not there.
    """
    acts: list[TagAct] = []
    for path, tags in wanted.items():
        key, spelled = _resolve(name, fields, path)
        present = own.get(key, frozenset())
        if action == "remove" and (missing := tags - present):
            raise NotTaggedError(spelled, min(missing))
        changing = tags & present if action == "remove" else tags - present
        field_id = None if key == TABLE else int(key)
        acts += [TagAct(action, spelled, field_id, tag) for tag in sorted(changing)]
    return acts


def apply_acts(own: OwnTags, acts: Iterable[TagAct]) -> dict[str, frozenset[str]]:
    """Give the tags after some acts."""
    tags = dict(own)
    for act in acts:
        key = TABLE if act.field_id is None else str(act.field_id)
        before = tags.get(key, frozenset())
        tags[key] = before - {act.tag} if act.action == "remove" else before | {act.tag}
    return {key: each for key, each in tags.items() if each}


def _resolve(name: TableName, fields: tuple[Field, ...], path: str) -> tuple[str, str]:
    if path == WHOLE:
        return TABLE, WHOLE
    paths = {
        each.casefold(): (str(place[0]), each) for field in fields for each, place in walk(field).items()
    }
    found = paths.get(path.casefold())
    if found is None:
        raise UnknownColumnError(name, path, [each.name for each in fields])
    return found


def _own(lake: Lake, name: TableName) -> OwnTags:
    return read_table(lake, name).own


def list_tags(lake: Lake, name: TableName) -> list[TagListing]:
    """Give the tags of a table, its columns and everything nested, in the schema's order."""
    reading = read_table(lake, name)
    own, inherited = reading.own, reading.namespace.scope
    listed = [
        TagListing(
            path=WHOLE,
            own=own.get(TABLE, frozenset()),
            effective=own.get(TABLE, frozenset()) | inherited,
            is_classified=False,
        )
    ]
    scope = own.get(TABLE, frozenset()) | inherited
    for field in reading.metadata.fields:
        above: dict[str, frozenset[str]] = {"": scope}
        for path, (field_id, type_) in walk(field).items():
            part = Field(field_id, path, type_)
            inherits = above[path.rpartition(".")[0]]
            mine = own.get(str(field_id), frozenset())
            above[path] = inherits | mine
            listed.append(
                TagListing(
                    path=path,
                    own=mine,
                    effective=effective_tags(part, own, inherits, lake.taxonomy),
                    is_classified=not reading.is_held_back(part)
                    and is_classified(part, own, inherits, lake.taxonomy),
                )
            )
    return listed


def find_tags(lake: Lake, tag: str) -> list[TagLocation]:
    """Give every place where a tag is in effect, inherited ones too; `phi.*` finds every tag of an axis.

    Raises:
        UnknownTagError: The taxonomy does not hold the tag.
        UnsearchedTablesError: Some tables cannot be read; it holds what was found in the others.
    """
    from lakeward.catalog.tag_index import current_index, search  # noqa: PLC0415  it reads tags itself

    if not tag.endswith(".*"):
        lake.taxonomy.require(tag)
    index = current_index(lake)
    found = [
        TagLocation(table=each.table, path=each.path, tag=each.tag, source=each.source)
        for each in search(lake, index, tag)
    ]
    if index.refused:
        raise UnsearchedTablesError(found, index.refused)
    return found


def tag_history(lake: Lake, name: TableName) -> list[LedgerRow]:
    """Give every act on the tags of a table and of its namespace, oldest first."""
    with catalog_rows(lake.catalog_engine) as connection:
        location = metadata_location(connection, lake.config.name, name)
    return history(lake.store, [lake.metadata(location).uuid, namespace_subject(name.namespace)])


def accept_tags(
    lake: Lake, name: TableName, *, actor: str, reason: str, restore: bool = False
) -> tuple[TagAct, ...]:
    """Sign what a table's tags are now, or with `restore` what they last were, so that it can be read again.

    Raises:
        MissingReasonError: The reason is empty.
        UnknownTagError: The table bears a tag that the taxonomy does not hold.
        ConflictError: Another process was first.
    """
    from lakeward.catalog.accept import accept_table_tags  # noqa: PLC0415  pyiceberg, for writers only

    if not reason.strip():
        raise MissingReasonError
    return accept_table_tags(lake, name, actor=actor, reason=reason, restore=restore)


def set_namespace_tags(
    lake: Lake, namespace: str, tags: Iterable[str], *, actor: str, reason: str | None = None
) -> tuple[TagAct, ...]:
    """Put tags on a namespace; every table and column in it inherits them.

    Raises:
        UnknownNamespaceError: There is no such namespace.
        UnverifiedTagsError: The namespace's tags do not verify.
    """
    wanted = frozenset(lake.taxonomy.require(tag).name for tag in tags)
    return _change_namespace(lake, namespace, "set", wanted, (actor, reason))


def remove_namespace_tags(
    lake: Lake, namespace: str, tags: Iterable[str], *, actor: str, reason: str
) -> tuple[TagAct, ...]:
    """Take tags off a namespace.

    Raises:
        MissingReasonError: The reason is empty.
        NotTaggedError: A tag is not set there.
    """
    if not reason.strip():
        raise MissingReasonError
    return _change_namespace(lake, namespace, "remove", frozenset(tags), (actor, reason))


def accept_namespace_tags(lake: Lake, namespace: str, *, actor: str, reason: str) -> tuple[TagAct, ...]:
    """Sign what a namespace's tags are now, after an edit outside lakeward."""
    if not reason.strip():
        raise MissingReasonError
    return _change_namespace(lake, namespace, "accept", frozenset(), (actor, reason))


def list_namespace_tags(lake: Lake, namespace: str) -> frozenset[str]:
    """Give the tags of a namespace."""
    with catalog_rows(lake.catalog_engine) as connection:
        properties = namespace_properties(connection, lake.config.name, namespace)
    if not properties:
        raise UnknownNamespaceError(namespace)
    found = standing(lake, namespace_subject(namespace), properties)
    if found is None:
        raise UnverifiedTagsError(namespace)
    return found.scope


def _change_namespace(
    lake: Lake, namespace: str, action: str, wanted: frozenset[str], by: tuple[str, str | None]
) -> tuple[TagAct, ...]:
    subject = namespace_subject(namespace)
    with catalog_rows(lake.catalog_engine) as connection:
        begin(connection, NAMESPACE_LOCK)  # nobody else can change the namespace until the new set is in
        properties = namespace_properties(connection, lake.config.name, namespace)
        carried = _carried(lake, namespace, properties, action)
        acts = _namespace_acts(lake, carried, action, wanted)
        if not acts:
            return ()
        generation = max(last_generation(lake.store, subject), carried.generation) + 1
        after = carried.tags if action == "accept" else apply_acts(carried.tags, acts)
        signed = sign(lake.keys.derive("tags"), subject, generation, after)
        _record_namespace(lake, namespace, acts, by)
        commit_id = write_pending(lake.store, subject, namespace, signed, acts, by)
        gone = {key for key in properties if key.startswith(PREFIX)} | {DIGEST}
        try:
            write_namespace_properties(connection, lake.config.name, namespace, gone, signed.properties())
            connection.commit()
        except Exception:
            settle(lake.store, commit_id, ABANDONED)
            raise
    settle(lake.store, commit_id, APPLIED)
    return tuple(acts)


def _namespace_acts(lake: Lake, carried: SignedTags, action: str, wanted: frozenset[str]) -> list[TagAct]:
    present = carried.tags.get(TABLE, frozenset())
    if action == "accept":
        return [
            TagAct("accept", WHOLE, None, lake.taxonomy.require(tag).name) for tag in sorted(present)
        ] or [TagAct("accept", WHOLE, None, "")]
    if action == "remove" and (missing := wanted - present):
        raise NotTaggedError(WHOLE, min(missing))
    changing = wanted & present if action == "remove" else wanted - present
    return [TagAct(action, WHOLE, None, tag) for tag in sorted(changing)]


def _carried(lake: Lake, namespace: str, properties: Mapping[str, str], action: str) -> SignedTags:
    if not properties:
        raise UnknownNamespaceError(namespace)
    if action == "accept":
        return SignedTags(0, "", read_unverified(properties))
    found = standing(lake, namespace_subject(namespace), properties)
    if found is None:
        raise UnverifiedTagsError(namespace)
    return found.carried


def _record_namespace(lake: Lake, namespace: str, acts: list[TagAct], by: tuple[str, str | None]) -> None:
    details = {"namespace": namespace, "tags": [f"{each.action} {each.path} {each.tag}" for each in acts]}
    if by[1]:
        details["reason"] = by[1]
    lake.audit.append(AuditEvent(kind=f"tag.{acts[0].action}", principal=by[0], details=details))
