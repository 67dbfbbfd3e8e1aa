"""A checkpoint kept elsewhere shows a chain that was cut off, or written anew, key and all."""

import base64
import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from lakeward.catalog.audit import AuditChain, AuditEvent
from lakeward.catalog.checkpoint import (
    Checkpoint,
    InvalidCheckpointError,
    InvalidPublicKeyError,
    MissingCheckpointKeyError,
)
from lakeward.catalog.keys import DamagedKeyError, UnsafeKeyError
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.store.schema import audit_record

EVENT = AuditEvent(kind="query", principal="ada", purpose="research")


def write_anew(lake: Lake, keep: int, extra: int) -> AuditChain:
    """Do what somebody who owns database and keys can: keep some records, and write others after them."""
    with lake.store.reading() as connection:
        kept = connection.execute(audit_record.select().order_by(audit_record.c.seq).limit(keep)).all()
        connection.rollback()
        triggers = "PRAGMA user_version = 0"
        if connection.dialect.name == "postgresql":
            triggers = "ALTER TABLE audit_record DISABLE TRIGGER ALL"
        else:
            for each in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_record_no_{each}")
        connection.exec_driver_sql(triggers)
        connection.execute(text("DELETE FROM audit_record"))
        connection.execute(insert(audit_record), [dict(row._mapping) for row in kept])
        connection.commit()
    (lake.root / "audit.head").unlink()
    chain = AuditChain(lake.store, lake.keys.derive("audit"), lake.root / "audit.head")
    chain.append(AuditEvent(kind="query", principal="mallory"))
    for _ in range(extra):
        chain.append(EVENT)
    return chain


@pytest.mark.parametrize("extra", [0, 9], ids=["shorter", "longer"])
def test_a_chain_cut_or_written_anew_is_found(lake: Lake, extra: int) -> None:
    for _ in range(5):
        lake.audit.append(EVENT)
    checkpoint = lake.checkpoints.read(lake.checkpoint().text())
    lake.audit.append(EVENT)
    assert lake.audit.verify(checkpoint).is_intact
    forged = write_anew(lake, 3, extra)
    assert forged.verify().is_intact  # what cannot be seen from the lake alone
    assert [each.seq for each in forged.verify(checkpoint).faults] == [checkpoint.seq]


def test_a_chain_put_back_from_an_older_copy_is_found(lake: Lake) -> None:
    for _ in range(3):
        lake.audit.append(EVENT)
    note = lake.audit.records()[0]
    forged = write_anew(lake, 2, 0)
    (lake.root / "audit.head").write_text(json.dumps([note.seq - 1, note.hash]))
    assert not forged.verify().is_intact  # the note beside the store names another record at that place


def test_the_key_is_its_owners_alone(lake: Lake) -> None:
    lake.checkpoint()
    path = lake.root / "keys" / "checkpoint.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert lake.checkpoint().public_key == lake.checkpoint().public_key
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir() if "checkpoint" in each.name] == [path.name]
    path.chmod(0o640)
    with pytest.raises(UnsafeKeyError):
        lake.checkpoint()
    path.chmod(0o600)
    path.write_text("SECRET")
    with pytest.raises(DamagedKeyError) as caught:
        lake.checkpoint()
    assert "SECRET" not in str(caught.value)


def test_without_the_key_nothing_is_believed(lake: Lake, tmp_path: Path) -> None:
    public = tmp_path / "public.pem"
    written = lake.checkpoint().text()
    public.write_text(lake.checkpoints.public_pem())
    (lake.root / "keys" / "checkpoint.key").unlink()
    with pytest.raises(MissingCheckpointKeyError):
        lake.checkpoints.read(written)
    assert lake.checkpoints.read(written, public).seq == 1
    public.write_text("no key")
    with pytest.raises(InvalidPublicKeyError):
        lake.checkpoints.read(written, public)


def test_a_key_that_was_exchanged_shows_by_the_one_kept_elsewhere(lake: Lake, tmp_path: Path) -> None:
    public = tmp_path / "public.pem"
    public.write_text(lake.checkpoints.public_pem())
    (lake.root / "keys" / "checkpoint.key").unlink()
    forged = lake.checkpoint().text()
    assert lake.checkpoints.read(forged).seq == 1
    with pytest.raises(InvalidCheckpointError):
        lake.checkpoints.read(forged, public)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 2}, {"seq": True}, {"seq": "1"}, {"hash": "0" * 64}, {"at": "2000-01-01T00:00:00+00:00"},
        {"lake": "0" * 32}, {"signature": ""}, {"signature": "?"}, {"public_key": ""}, {"format": "other"},
        {"more": 1}, {"hash": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_changed_checkpoint_is_refused(lake: Lake, change: dict[str, object]) -> None:
    sound = json.loads(lake.checkpoint().text())
    with pytest.raises(InvalidCheckpointError):
        lake.checkpoints.read(json.dumps({**sound, **change}))


@pytest.mark.parametrize("written", ["", "[]", "{}", "null", '{"seq": 1}', "\ufffd"])
def test_what_is_no_checkpoint_is_refused(lake: Lake, written: str) -> None:
    lake.checkpoint()
    with pytest.raises(InvalidCheckpointError):
        lake.checkpoints.read(written)


def test_a_checkpoint_of_another_lake_is_refused(lake: Lake, tmp_path: Path) -> None:
    other = init_lake(tmp_path / "other")
    written = other.checkpoint().text()
    shutil.copy(other.root / "keys" / "checkpoint.key", lake.root / "keys")
    with pytest.raises(InvalidCheckpointError):
        lake.checkpoints.read(written)  # the very key, another lake
    other.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")
def test_openssl_verifies_it_without_the_lake(lake: Lake, tmp_path: Path) -> None:
    checkpoint: Checkpoint = lake.checkpoint()
    document = json.loads(checkpoint.text())
    signature = base64.b64decode(document.pop("signature"))
    (tmp_path / "sig").write_bytes(signature)
    (tmp_path / "message").write_text(json.dumps(document, sort_keys=True, separators=(",", ":")))
    (tmp_path / "public.pem").write_text(lake.checkpoints.public_pem())
    files = ["-inkey", "public.pem", "-in", "message", "-sigfile", "sig"]
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", *files]
    assert subprocess.run(words, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "message").write_text("{}")
    assert subprocess.run(words, cwd=tmp_path, check=False, capture_output=True).returncode != 0
