"""PostgreSQL's functions over its catalog, as macros over ours; nothing of a client's is in these texts."""

import functools
from collections.abc import Mapping

from lakeward.gateway.doors.postgres import types as pg
from lakeward.gateway.doors.postgres.pg_catalog.relations import (
    BY_PRINCIPAL,
    OWNER,
    OWNER_OID,
    PG_CATALOG,
    SELF_OID,
)
from lakeward.gateway.doors.postgres.settings import SERVER_VERSION
from lakeward.policies.admit import engine_size

PREFIX = "lw_"
"""What our macros' names begin with, so that none of the engine's own is ever meant."""


def _format_type() -> str:
    cases = "".join(
        f" WHEN {each.oid} THEN '{each.sql}'"
        + (f" WHEN {each.array_oid} THEN '{each.sql}[]'" if each.array_oid else "")
        for each in pg.TYPES
    )
    digits = "'numeric(' || ((m - 4) >> 16) || ',' || ((m - 4) & 65535) || ')'"
    return f"CASE WHEN t = {pg.NUMERIC.oid} AND m >= 4 THEN {digits} ELSE (CASE t{cases} END) END"


_NULL_OF = [
    "pg_get_expr",
    "pg_get_indexdef",
    "pg_get_constraintdef",
    "pg_get_viewdef",
    "pg_get_partkeydef",
    "pg_get_ruledef",
    "pg_get_triggerdef",
    "pg_get_functiondef",
    "pg_get_function_result",
    "pg_get_function_arguments",
    "pg_get_function_identity_arguments",
    "pg_get_statisticsobjdef",
    "pg_get_statisticsobjdef_columns",
    "pg_get_serial_sequence",
    "obj_description",
    "col_description",
    "shobj_description",
    "pg_table_size",
    "pg_total_relation_size",
    "pg_relation_size",
    "pg_database_size",
    "pg_tablespace_location",
    "pg_size_pretty",
    "inet_server_addr",
    "inet_server_port",
    "inet_client_addr",
    "inet_client_port",
    "pg_stat_get_numscans",
    "pg_advisory_unlock_all",
    "pg_get_replica_identity_index",
    "pg_relation_filepath",
    "pg_tablespace_size",
    "pg_get_partition_constraintdef",
    "to_regproc",
    "to_regoper",
    "pg_stat_get_live_tuples",
    "row_security_active",
]
_TRUE_OF = [
    "pg_type_is_visible",
    "pg_function_is_visible",
    "pg_operator_is_visible",
    "pg_opclass_is_visible",
    "pg_collation_is_visible",
    "pg_conversion_is_visible",
    "pg_ts_config_is_visible",
    "pg_ts_dict_is_visible",
    "pg_ts_parser_is_visible",
    "pg_ts_template_is_visible",
    "pg_statistics_obj_is_visible",
    "has_schema_privilege",
    "has_database_privilege",
    "has_type_privilege",
    "has_language_privilege",
    "has_tablespace_privilege",
    "has_any_column_privilege",
    "has_function_privilege",
    "pg_opfamily_is_visible",
]
_FALSE_OF = [
    "pg_is_in_recovery",
    "pg_relation_is_publishable",
    "pg_is_other_temp_schema",
    "pg_has_role",
    "has_sequence_privilege",
    "has_foreign_data_wrapper_privilege",
    "has_server_privilege",
    "pg_is_wal_replay_paused",
]
_ARITIES = ("", "a", "a, b", "a, b, c", "a, b, c, d")


def _over(name: str, body: str) -> str:
    """Make a macro that takes any number of arguments and looks at none."""
    return f"CREATE MACRO {PREFIX}{name} " + ", ".join(f"({each}) AS {body}" for each in _ARITIES)


_PRIVILEGE = "(lower(p) LIKE '%select%')"
_SETTING = "(SELECT any_value(setting) FROM pg_catalog_of.pg_settings WHERE lower(name) = lower(n))"
_CLASS_OID = (
    "(SELECT min(c.oid) FROM pg_catalog_of.pg_class c "
    "JOIN pg_catalog_of.pg_namespace s ON s.oid = c.relnamespace "
    "WHERE lower(n) IN (lower(c.relname), lower(s.nspname) || '.' || lower(c.relname)))"
)
_CLASS_NAME = (
    "coalesce((SELECT min(s.nspname || '.' || c.relname) FROM pg_catalog_of.pg_class c "
    "JOIN pg_catalog_of.pg_namespace s ON s.oid = c.relnamespace WHERE c.oid = o), CAST(o AS VARCHAR))"
)
_TYPE_OID = (
    "(SELECT min(t.oid) FROM pg_catalog_of.pg_type t WHERE lower(n) IN "  # noqa: S608  names of our own
    f"(t.typname, 'pg_catalog.' || t.typname) OR lower(n) = {PREFIX}format_type(t.oid, -1))"
)


def _plain(principal: str, database: str, namespace: str) -> dict[str, str]:
    """Give the bodies of the macros that have one form, by their heads."""
    who, lake, path = (f"'{each.replace(chr(39), chr(39) * 2)}'" for each in (principal, database, namespace))
    version = f"'PostgreSQL {SERVER_VERSION} (lakeward)'"
    return {
        "format_type(t, m)": _format_type(),
        "pg_get_userbyid(o)": f"CASE o WHEN {OWNER_OID} THEN '{OWNER}' WHEN {SELF_OID} THEN {who} END",
        "pg_table_is_visible(o)": "EXISTS (SELECT 1 FROM pg_catalog_of.pg_class c WHERE c.oid = o)",
        "pg_encoding_to_char(e)": "CASE e WHEN 6 THEN 'UTF8' END",
        "pg_char_to_encoding(e)": "CASE WHEN lower(e) IN ('utf8', 'utf-8') THEN 6 ELSE -1 END",
        "version()": version,
        "current_schema()": path,
        "current_schemas(i)": f"CASE WHEN i THEN ['pg_catalog', {path}] ELSE [{path}] END",
        "current_user()": who,
        "session_user()": who,
        "user()": who,
        "current_database()": lake,
        "current_catalog()": lake,
        "pg_backend_pid()": "0",
        "pg_my_temp_schema()": "0",
        "to_regclass(n)": _CLASS_OID,
        "to_regtype(n)": _TYPE_OID,
        "regclass_name(o)": _CLASS_NAME,
        "regnamespace_name(o)": "(SELECT min(s.nspname) FROM pg_catalog_of.pg_namespace s WHERE s.oid = o)",
        "quote_ident(n)": "CASE WHEN regexp_full_match(n, '[a-z_][a-z0-9_]*') THEN n "
        "ELSE '\"' || replace(n, '\"', '\"\"') || '\"' END",
        "array_upper(a, d)": "len(a)",
        "array_lower(a, d)": "CASE WHEN len(a) > 0 THEN 1 END",
        "generate_subscripts(a, d)": "generate_series(1, len(a))",
        "_pg_expandarray(a)": "unnest(list_transform(range(1, len(a) + 1), lambda k: {'x': a[k], 'n': k}))",
        "pg_postmaster_start_time()": "NULL::TIMESTAMPTZ",
        # what says who may see what is SET, or a client would ask for one purpose and be answered for another
        "set_config(n, v, l)": "CASE WHEN n ILIKE 'lakeward.%' THEN error('SET it') ELSE v END",
        "array_to_string(a, s)": "list_aggregate(a, 'string_agg', s)",
        "pg_size_bytes(n)": "NULL",
    }


def macros(principal: str, database: str, namespace: str) -> list[str]:
    """Give the statements that make the macros; the three texts come from the lake and are quoted."""
    plain = _plain(principal, database, namespace)
    made = [f"CREATE MACRO {PREFIX}{head} AS {body}" for head, body in plain.items()]
    made += [_over(name, "NULL") for name in _NULL_OF]
    made += [_over(name, "true") for name in _TRUE_OF] + [_over(name, "false") for name in _FALSE_OF]
    arguments = [", ".join(f"a{at}" for at in range(count)) for count in range(2, 22, 2)]
    pairs = ", ".join(f"({each}) AS NULL::VARCHAR" for each in arguments)
    made.append(f"CREATE MACRO {PREFIX}json_build_object {pairs}")
    made.append(f"CREATE MACRO {PREFIX}current_setting (n) AS {_SETTING}, (n, m) AS {_SETTING}")
    for name in ("has_table_privilege", "has_column_privilege"):
        heads = "(t, p)" if name == "has_table_privilege" else "(t, c, p)"
        longer = "(u, t, p)" if name == "has_table_privilege" else "(u, t, c, p)"
        made.append(f"CREATE MACRO {PREFIX}{name} {heads} AS {_PRIVILEGE}, {longer} AS {_PRIVILEGE}")
    return made


NAMES = frozenset(each.split("(")[0].split()[2].removeprefix(PREFIX) for each in macros("", "", ""))
"""The functions of PostgreSQL's that a catalog query may call, beside harmless ones of the engine."""


STEADY = frozenset({
    *_NULL_OF, *_TRUE_OF, *_FALSE_OF, "format_type", "pg_get_userbyid", "pg_table_is_visible",
    "pg_encoding_to_char", "pg_char_to_encoding", "version", "current_schema", "current_schemas",
    "current_user", "session_user", "user", "current_database", "current_catalog", "pg_backend_pid",
    "pg_my_temp_schema", "to_regclass", "to_regtype", "regclass_name", "regnamespace_name", "array_upper",
    "array_lower", "pg_postmaster_start_time", "set_config", "pg_size_bytes", "current_setting",
    "has_table_privilege", "has_column_privilege",
})  # fmt: skip
"""Those whose value is no longer than what they are given, or than a cell of the catalog."""


READ_TABLES = frozenset(
    PREFIX + head.partition("(")[0]
    for head, body in _plain("", "", "").items()
    if any(f"pg_catalog_of.{each} " in body for each in BY_PRINCIPAL[PG_CATALOG])
)
"""Macros that look at relations whose rows depend on what a purpose shows."""


@functools.cache
def times_named() -> Mapping[str, int]:
    """Give, by the name of a macro, how often it names its arguments: inside one another, they grow with it.

    Those that are not here name none twice.
    """
    heads = ((head.removesuffix(")").partition("("), body) for head, body in _plain("", "", "").items())
    return {
        PREFIX + name: engine_size.times_named(body, arguments.split(", "))
        for (name, _, arguments), body in heads
        if arguments
    }
