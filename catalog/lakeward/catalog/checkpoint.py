"""Checkpoints: the audit chain's end at one moment, signed, to be kept where the lake's owner cannot write.

The signature is Ed25519 over the checkpoint's own JSON (keys sorted, no spaces, without `signature`), so that
whoever keeps the file and the public key can check it without the lake, and without lakeward. The private key
is a file in the lake's folder of keys that only its owner can read.
"""

import base64
import binascii
import json
import os
import stat
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lakeward.catalog.errors import InputError, UnavailableError
from lakeward.catalog.keys import DamagedKeyError, UnsafeKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_FILE = "checkpoint.key"
FORM = "lakeward-checkpoint/1"


class MissingCheckpointKeyError(UnavailableError):
    """There is no key to sign or verify checkpoints with."""

    code = "missing-checkpoint-key"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The lake's key for checkpoints {path} is not there, or cannot be made.",
            hint="Restore it from a backup. A public key kept elsewhere verifies too: `--public-key FILE`.",
        )


class InvalidCheckpointError(InputError):
    """A checkpoint that was not signed by this lake."""

    code = "invalid-checkpoint"

    def __init__(self) -> None:
        super().__init__(
            "This is no checkpoint of this lake's audit chain: its signature does not verify.",
            hint="Use one that `lakeward audit checkpoint` wrote for this lake, with the key of that time.",
        )


class InvalidPublicKeyError(InputError):
    """A file that holds no Ed25519 public key."""

    code = "invalid-public-key"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} holds no Ed25519 public key in PEM.",
            hint="Use what `lakeward audit checkpoint FILE --public-key PUBLIC.pem` wrote.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """The chain's end at one moment; one that was read has a signature that was verified.

    Attributes:
        lake: The lake's id, which its keys make.
        seq: The last record's number; 0 for a chain without one.
        hash: The last record's hash.
        at: When (ISO 8601, UTC).
        public_key: Of the pair that signed it, raw, in base64.
        signature: Over everything else, in base64.
    """

    lake: str
    seq: int
    hash: str
    at: str
    public_key: str
    signature: str
    format: str = FORM

    def text(self) -> str:
        """Give the checkpoint as one line of JSON."""
        return _canonical(asdict(self))

    def signed_text(self) -> bytes:
        """Give what is signed: the same line without the signature."""
        return _canonical({key: value for key, value in asdict(self).items() if key != "signature"}).encode()


class CheckpointKey:
    """The pair of keys of one lake; the private one is made with the lake, and never given out."""

    def __init__(self, folder: Path, lake: str) -> None:
        self._path = folder / KEY_FILE
        self._lake = lake

    def sign(self, seq: int, digest: str) -> Checkpoint:
        """Sign the chain's end."""
        key = self._open_or_make()
        unsigned = Checkpoint(
            lake=self._lake,
            seq=seq,
            hash=digest,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            public_key=_encoded(key.public_key()),
            signature="",
        )
        signature = base64.b64encode(key.sign(unsigned.signed_text())).decode("ascii")
        return Checkpoint(**{**asdict(unsigned), "signature": signature})

    def public_pem(self) -> str:
        """Give the public key as PEM, to be kept beside the checkpoints."""
        from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  as below

        key = self._open_or_make().public_key()
        return key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def read(self, text: str, public_key: Path | None = None) -> Checkpoint:
        """Read a checkpoint of this lake.

        Args:
            text: What `Checkpoint.text` gave.
            public_key: PEM file of the key that must have signed it; by default the lake's own, which who can
                rewrite the lake can exchange.

        Raises:
            InvalidCheckpointError: It is something else, of another lake, or signed by another key.
            InvalidPublicKeyError: The file holds no public key.
        """
        trusted = _read_public(public_key) if public_key else self._open().public_key()
        checkpoint = _parse(text)
        if checkpoint.lake != self._lake or checkpoint.public_key != _encoded(trusted):
            raise InvalidCheckpointError
        _require_signed(checkpoint, trusted)
        return checkpoint

    def _open_or_make(self) -> "Ed25519PrivateKey":
        if not self._path.exists():
            make_checkpoint_key(self._path)
        return self._open()

    def _open(self) -> "Ed25519PrivateKey":
        # Reading the catalog must not wait for the import of a library that few acts need.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

        try:
            mode = stat.S_IMODE(self._path.stat().st_mode)
            if mode & 0o177:
                raise UnsafeKeyError(self._path, mode)
            key = load_pem_private_key(self._path.read_bytes(), None)
        except FileNotFoundError:
            raise MissingCheckpointKeyError(self._path) from None
        except (OSError, ValueError, TypeError):
            raise DamagedKeyError(self._path) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise DamagedKeyError(self._path)
        return key


def make_checkpoint_key(path: Path) -> None:
    """Make a key under a name that it takes only when it is whole; of two makers the first one's stands."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    pem = Ed25519PrivateKey.generate().private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    )
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(descriptor)
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:
        raise MissingCheckpointKeyError(path) from None
    finally:
        fresh.unlink(missing_ok=True)


def _parse(text: str) -> Checkpoint:
    try:
        checkpoint = Checkpoint(**json.loads(text))
    except (ValueError, TypeError):
        raise InvalidCheckpointError from None
    texts = (checkpoint.lake, checkpoint.hash, checkpoint.at, checkpoint.public_key, checkpoint.signature)
    is_sound = type(checkpoint.seq) is int and all(isinstance(each, str) for each in texts)
    if not is_sound or checkpoint.format != FORM:
        raise InvalidCheckpointError
    return checkpoint


def _require_signed(checkpoint: Checkpoint, key: "Ed25519PublicKey") -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  as above

    try:
        signature = base64.b64decode(checkpoint.signature, validate=True)
        key.verify(signature, checkpoint.signed_text())
    except (InvalidSignature, binascii.Error, ValueError):
        raise InvalidCheckpointError from None


def _read_public(path: Path) -> "Ed25519PublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        raise InvalidPublicKeyError(path) from None
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidPublicKeyError(path)
    return key


def _encoded(key: "Ed25519PublicKey") -> str:
    return base64.b64encode(key.public_bytes_raw()).decode("ascii")


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
