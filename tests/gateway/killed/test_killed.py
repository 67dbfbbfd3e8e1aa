"""The gateway is killed at any moment: of every row that a client has got, the audit chain knows.

Clients at all three doors name their statements by a column of their own, and note a name as soon as a row of
it is there. One kill comes at random, the next from a client that has just got a row, before it does anything
else: a record that is written after its row went out is found missing. `LAKEWARD_KILLS=50` is the long run.
"""

import gc
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from tests.bypass.lake import PURPOSE
from tests.gateway.fuzz.clinic import PASSWORD
from tests.gateway.fuzz.serving import Serving, serving
from tests.gateway.soak.clients import DOORS, GoneError, Pass

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.identity.identities import Identities

KILLS = int(os.environ.get("LAKEWARD_KILLS", "2"))
SEED = int(os.environ.get("LAKEWARD_KILL_SEED", "0"))
CLIENTS_OF_A_DOOR = 2
ROWS = 100_000
LONGEST = 1.5  # seconds that a gateway lives once each door has answered
POLICY = f"""
version: 1
roles: {{reader: {{members: [ada]}}}}
purposes: [{PURPOSE}]
grants:
  - {{id: all, to: [reader], tables: ["clinic.*"], columns: [{{tags: [health], mask: clear}}]}}
"""


class Client(threading.Thread):
    """Asks one door until the gateway is gone; `got` are the names of statements that gave a row.

    With `kills` set, it kills the gateway when it gets one.
    """

    def __init__(self, served: Serving, given: Pass, door: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.served, self.given, self.door = served, given, door
        self.kills = False
        self.chance = random.Random(seed)  # noqa: S311  no secret
        self.got: list[str] = []
        self.broke = ""

    def run(self) -> None:
        """Ask, now for one row, now for all, now for the first of many."""
        client = DOORS[self.door](self.served, self.given)
        try:
            while True:
                name = f"n_{uuid.uuid4().hex}"
                sql = f"SELECT number AS {name} FROM clinic.visit"
                if one := self.chance.randrange(4):
                    sql += f" WHERE number = {self.chance.randrange(ROWS)}"
                leaves = not one and self.chance.randrange(2)
                if (client.leave(sql) if leaves else client.run("ada", sql))[1]:
                    if self.kills:
                        os.kill(self.served.process.pid, signal.SIGKILL)
                    self.got.append(name)
        except (GoneError, LakewardError, OSError, pa.ArrowException) as error:
            self.broke = repr(error)
        finally:
            client.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """One table of which all may be seen."""
    made = init_lake(tmp_path / "lake")
    (made.policies_dir / "all.yaml").write_text(POLICY, "utf-8")
    rows = pa.table({"number": pa.array(range(ROWS), pa.int64())})
    tags = {"number": ["health"]}
    write_batches(made, TableName("clinic", "visit"), rows.to_reader(), tags=tags, actor="test")
    with (made.root / "lakeward.toml").open("a", encoding="utf-8") as config:
        config.write("\n[gateway.identity]\nscram_iterations = 4096\n")
    return open_lake(made.root)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # ADBC closes twice what broke
def test_every_row_that_was_received_is_recorded(lake: Lake) -> None:
    accounts, chance = Identities(lake).accounts, random.Random(SEED)  # noqa: S311  no secret
    accounts.add("ada", PASSWORD, by="test")
    given = Pass("ada", accounts.make_token("ada", 1, by="test")[0])
    got: Counter[str] = Counter()
    for number in range(KILLS):
        clients = _killed(lake, given, chance, on_a_row=bool(number % 2))
        names = {name for each in clients for name in each.got}
        recorded = _recorded(open_lake(lake.root))
        assert names <= recorded, (number, len(names - recorded))
        got.update(DOORS[each.door].__name__ for each in clients for _ in each.got)
        got["unfinished"] += _verified(lake)
    gc.collect()  # while its warnings are ignored
    print(got)  # noqa: T201  with -s
    assert {*got} >= {each.__name__ for each in DOORS}


def _killed(lake: Lake, given: Pass, chance: random.Random, *, on_a_row: bool) -> list[Client]:
    """Serve until each door has answered, and a random time more; then kill."""
    with serving(lake) as served:
        doors = [door for door in range(len(DOORS)) for _ in range(CLIENTS_OF_A_DOOR)]
        clients = [Client(served, given, door, chance.randrange(1 << 30)) for door in doors]
        for each in clients:
            each.start()
        until = time.monotonic() + 60
        while not all(each.got for each in clients):
            assert time.monotonic() < until, [each.broke for each in clients]
            time.sleep(0.01)
        time.sleep(chance.uniform(0, LONGEST))
        if on_a_row:
            chance.choice(clients).kills = True
        else:
            os.kill(served.process.pid, signal.SIGKILL)
        for each in clients:
            each.join(60)
            assert not each.is_alive(), "a client waits for a gateway that is gone"
    return clients


def _recorded(lake: Lake) -> set[str]:
    """Give the names of the statements that the chain knows."""
    records = lake.audit.records(kind="query", limit=10_000_000)
    texts = (str(each.details["statement"]).replace('"', " ").split() for each in records)
    return {word for words in texts for word in words if word.startswith("n_")}


def _verified(lake: Lake) -> int:
    """Verify the chain as whoever comes after finds it; how many statements have no end."""
    verification = open_lake(lake.root).audit.verify()
    assert verification.is_intact, verification.faults[:5]
    return len(verification.unfinished)
