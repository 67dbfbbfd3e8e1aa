"""A clinic to fuzz: two tables with planted values, one who may read a part of one, and its gateway."""

import random
import ssl
from pathlib import Path

import pyarrow as pa

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.identity.identities import Identities

PASSWORD = "correct horse battery"  # noqa: S105  of nobody
_POLICY = """
version: 1
roles:
  researcher: {members: [ada]}
purposes: [research, quality]
grants:
  - id: research
    to: [researcher]
    purposes: [research]
    tables: ["clinic.visit"]
    rows: "site = 'H1'"
    columns: [{tags: [health, sensitivity.none], mask: clear}]
"""
_CONFIG = """
[gateway.identity]
scram_iterations = 4096
"""
_TAGS = {"patient": ["phi.mrn"], "site": ["sensitivity.none"], "code": ["health"], "score": ["health"]}
_ROWS = {
    "patient": ["SECRET1", "SECRET2", "SECRETPATIENT"],
    "memo": ["SECRETMEMO", "SECRETMEMO", "SECRETMEMO"],
    "site": ["H1", "H1", "H2"],
    "code": ["C50", "I10", "SECRETCODE"],
    "score": [1, 2, 3],
}


def make_clinic(root: Path) -> Lake:
    """Make the lake, with one user."""
    made = init_lake(root)
    for table in ("visit", "hidden"):
        name = TableName("clinic", table)
        write_batches(made, name, pa.table(_ROWS).to_reader(), mode="create", tags=_TAGS, actor="test")
    (made.policies_dir / "clinic.yaml").write_text(_POLICY, "utf-8")
    config = made.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + _CONFIG, "utf-8")
    lake = open_lake(made.root)
    Identities(lake).accounts.add("ada", PASSWORD, by="test")
    return lake


def make_token(lake: Lake) -> str:
    """A token of ada's."""
    return Identities(lake).accounts.make_token("ada", 1, by="test")[0]


def trusting(roots: Path) -> ssl.SSLContext:
    """What a client needs to come in by TLS."""
    return ssl.create_default_context(cafile=str(roots))


def random_source(chance: random.Random) -> str:
    """An address of loopback: failures are counted by address, and a stranger comes from anywhere."""
    return f"127.{chance.randrange(1, 255)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
