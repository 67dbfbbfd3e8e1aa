"""The signed set of tags that a table carries in its Iceberg properties.

`lakeward.tag.<field-id>` and `lakeward.tag.table` hold tags joined by commas; `lakeward.tags.digest` is a
keyed MAC over the table's uuid, the generation and all of them. An edit outside lakeward does not verify. An
older set put back does, and is found by its generation, which the governance store knows.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from lakeward.catalog.effective import OwnTags

PREFIX = "lakeward.tag."
DIGEST = "lakeward.tags.digest"
GENERATION = "lakeward.tags.generation"


@dataclass(frozen=True, slots=True)
class SignedTags:
    """Tags by field-id, with the number and the signature of this set."""

    generation: int
    digest: str
    tags: OwnTags

    def properties(self) -> dict[str, str]:
        """Give the properties to write."""
        listed = {f"{PREFIX}{key}": ",".join(sorted(tags)) for key, tags in self.tags.items()}
        return {**listed, GENERATION: str(self.generation), DIGEST: self.digest}


UNTAGGED = SignedTags(0, "", {})


def sign(key: bytes, subject: str, generation: int, tags: OwnTags) -> SignedTags:
    """Sign a set of tags for one subject: a table's uuid, or `namespace:<name>`."""
    kept = {name: frozenset(each) for name, each in tags.items() if each}
    return SignedTags(generation, _digest(key, subject, generation, kept), kept)


def read_signed(key: bytes, subject: str, properties: Mapping[str, str]) -> SignedTags | None:
    """Read a set of tags; None when it does not verify, `UNTAGGED` when there is nothing at all."""
    tags = read_unverified(properties)
    digest = properties.get(DIGEST)
    if digest is None:
        return None if tags or GENERATION in properties else UNTAGGED
    generation = properties.get(GENERATION, "")
    if not (generation.isascii() and generation.isdigit()):
        return None
    expected = _digest(key, subject, int(generation), tags)
    return (
        SignedTags(int(generation), digest, tags)
        if hmac.compare_digest(expected.encode(), digest.encode())
        else None
    )


def read_unverified(properties: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Read what the tags claim to be, signed or not; for showing what would be accepted."""
    return {
        name.removeprefix(PREFIX): frozenset(value.split(","))
        for name, value in properties.items()
        if name.startswith(PREFIX)
    }


def _digest(key: bytes, subject: str, generation: int, tags: OwnTags) -> str:
    listed = {name: sorted(each) for name, each in tags.items()}
    text = json.dumps([subject, generation, listed], sort_keys=True, separators=(",", ":"))
    return "v1:" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
