"""Bytes made strange: cut, doubled, flipped, spliced, filled with what parsers stumble over."""

import random
import struct
from collections.abc import Sequence

NUMBERS = (0, 1, -1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 2**31 - 1, -(2**31), 2**24, 1_000_000)
TEXTS = (
    b"\0", b"\xff\xfe", b"\xf0\x9f\x92\xa9", b"\xed\xa0\x80", b"'", b'"', b"`", b"$1", b"$$", b";", b"--",
    b"/*", b"((((((((((", b"[[[[[[[[", b"{", b"%00", b"%s%n", b"../", b"\r\n", b"E'\\x", b"clinic.hidden",
    b"SELECT memo FROM clinic.hidden", b"SET lakeward.purpose = 'x';", b"UNION SELECT patient", b"A" * 3_000,
)  # fmt: skip


class Mutator:
    """Makes strange bytes; the same ones for the same seed.

    Args:
        seed: Where chance begins.
        pieces: What is put in beside `TEXTS`.
    """

    def __init__(self, seed: int, pieces: Sequence[bytes] = ()) -> None:
        self.chance = random.Random(seed)  # noqa: S311  the same inputs each time
        self.pieces = (*TEXTS, *pieces)

    def some(self, body: bytes, most: int = 3) -> bytes:
        """Change a few places; sometimes none."""
        made = bytearray(body)
        for _ in range(self.chance.randint(0, most)):
            self._once(made)
        return bytes(made)

    def _once(self, made: bytearray) -> None:
        chance, place = self.chance, self.chance.randrange(len(made) + 1)
        length = chance.randint(1, 60)
        word = chance.choice(self.pieces)
        act, put = chance.choice((
            (0, word), (0, chance.randbytes(length)), (0, bytes(made[place : place + length])), (length, b""),
            (1, bytes([chance.randrange(256)])), (4, self.number()), (len(word[:40]), word[:40]),
            (len(made), b""), (1, bytes(each ^ (1 << length % 8) for each in made[place : place + 1])),
        ))  # fmt: skip
        made[place : place + act] = put

    def number(self) -> bytes:
        """A number at the edge of what fits, in one of the usual forms."""
        value = self.chance.choice(NUMBERS)
        form = self.chance.choice(("!i", "<i", "!q", "<q"))
        return struct.pack(form, value)

    def noise(self) -> bytes:
        """Bytes by chance alone."""
        return self.chance.randbytes(self.chance.choice((1, 4, 5, 8, 9, 24, 100, 1_000)))

    def one_in(self, number: int) -> bool:
        """Tell `True` once in so often."""
        return self.chance.randrange(number) == 0
