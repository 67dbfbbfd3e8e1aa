"""Several gateways serve one lake on one PostgreSQL: one chain, and a revocation counts for each."""

import multiprocessing
import multiprocessing.synchronize
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from tests.processes import PROCESSES

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tags import set_tag
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.service import open_gateway

VISIT = TableName("clinic", "visit")
POLICY = """
version: 1
roles: {researcher: {members: [ada]}}
purposes: [research]
grants:
  - {id: g, to: [researcher], tables: ["clinic.*"], columns: [{tags: [health], mask: clear}]}
"""
_SECONDS = 60.0


def _ask_until_denied(root: str, answered: "multiprocessing.Queue[int]") -> None:
    lake = open_lake(Path(root))
    asked = 0
    with open_gateway(lake) as gateway:
        session = gateway.session("ada", "research")
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            try:
                assert gateway.execute(session, "SELECT code FROM clinic.visit").table().num_rows == 2
            except DeniedError:
                break
            asked += 1
            answered.put(asked)
    lake.close()


def test_gateways_share_the_chain_and_heed_one_revocation(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    lake = init_lake(tmp_path / "one", database=new_database())
    warehouse = (tmp_path / "one" / "warehouse").as_uri()
    settings = lake.root / "lakeward.toml"
    settings.write_text(f'{settings.read_text()}\nwarehouse = "{warehouse}"\n')
    (lake.policies_dir / "p.yaml").write_text(POLICY)
    table = pa.table({"code": ["C50", "I10"]})
    write_batches(lake, VISIT, table.to_reader(), tags={"code": ["health"]}, actor="eve")
    shutil.copytree(lake.root, tmp_path / "two")  # one more gateway: a copy of the folder, policies included
    answers: list[multiprocessing.Queue[int]] = [PROCESSES.Queue(), PROCESSES.Queue()]
    gateways = [
        PROCESSES.Process(target=_ask_until_denied, args=(str(tmp_path / name), queue))
        for name, queue in zip(("one", "two"), answers, strict=True)
    ]
    for each in gateways:
        each.start()
    for queue in answers:
        while queue.get(timeout=_SECONDS) < 3:
            pass
    set_tag(lake, VISIT, "code", "phi.name", actor="eve")  # no grant shows it: denied at the next statement
    for each in gateways:
        each.join(_SECONDS)
    assert [each.exitcode for each in gateways] == [0, 0]
    assert lake.audit.verify(lake.checkpoint()).is_intact
    counts = {each.kind: 0 for each in lake.audit.records(limit=10_000)}
    for record in lake.audit.records(limit=10_000):
        counts[record.kind] += 1
    assert counts["query"] == counts["query.finished"] >= 6
    assert counts["denial"] == 2
    lake.close()


def test_a_token_revoked_at_one_gateway_ends_what_runs_at_the_other(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    lake = init_lake(tmp_path / "one", database=new_database())
    shutil.copytree(lake.root, tmp_path / "two")
    other = open_lake(tmp_path / "two")
    here, there = Identities(lake), Identities(other)
    here.accounts.add("ada", None, by="eve")
    token, made = here.accounts.make_token("ada", 1, by="eve")
    came_in, ended = there.verify_token(token), threading.Event()
    with there.guarding(came_in, ended.set):
        assert not ended.wait(1.0)
        here.accounts.revoke_token("ada", made.id, by="eve")
        began = time.monotonic()
        assert ended.wait(_SECONDS)
        took = time.monotonic() - began
    assert took < 5.0  # a second, on a machine that has time
    with pytest.raises(UnauthenticatedError):
        there.require_valid(came_in)
    for each in (here, there):
        each.close()
    for opened in (lake, other):
        opened.close()
