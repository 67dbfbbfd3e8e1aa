"""Check digits and ranges that issuing bodies publish."""

import re

_VIN_VALUES = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
        [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)],
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_DIHEDRAL = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTED = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415",
    "7046913258",
)  # fmt: skip


def digits(text: str) -> str:
    """Give the digits of a text."""
    return re.sub(r"\D", "", text)


def luhn(text: str) -> bool:
    """Check the last digit as ISO/IEC 7812-1 does: cards, IMEI."""
    total = 0
    for index, digit in enumerate(reversed(digits(text))):
        number = int(digit) * (1 + index % 2)
        total += number - 9 if number > 9 else number  # noqa: PLR2004  the sum of two digits
    return total % 10 == 0 and bool(digits(text).strip("0"))


def npi(text: str) -> bool:
    """Check a National Provider Identifier: Luhn with the prefix 80840 (45 CFR 162.406)."""
    return luhn("80840" + digits(text))


def nhs_number(text: str) -> bool:
    """Check a number of the English NHS: modulus 11."""
    found = digits(text)
    remainder = 11 - sum(int(digit) * (10 - index) for index, digit in enumerate(found[:9])) % 11
    return len(set(found)) > 1 and remainder % 11 == int(found[9])


def dea_number(text: str) -> bool:
    """Check the number of the US Drug Enforcement Administration."""
    d = [int(digit) for digit in text[2:9]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def vin(text: str) -> bool:
    """Check a vehicle identification number (49 CFR 565)."""
    total = sum(
        _VIN_VALUES[letter] * weight for letter, weight in zip(text.upper(), _VIN_WEIGHTS, strict=True)
    )
    return text[8].upper() == "0123456789X"[total % 11]


def iban(text: str) -> bool:
    """Check an IBAN (ISO 13616): modulus 97."""
    packed = text.replace(" ", "").upper()
    return int("".join(str(int(each, 36)) for each in packed[4:] + packed[:4])) % 97 == 1


def verhoeff(text: str) -> bool:
    """Check the last digit of a SNOMED CT identifier."""
    check = 0
    for index, digit in enumerate(reversed(text)):
        check = int(_DIHEDRAL[check][int(_PERMUTED[index % 8][int(digit)])])
    return check == 0


def loinc(text: str) -> bool:
    """Check the last digit of a LOINC code: Luhn over the number before the dash."""
    return luhn(text.replace("-", ""))


def ssn(text: str) -> bool:
    """Check the ranges of a Social Security number; 9xx, which is never issued, stands in test data."""
    area, group, serial = text[:3], digits(text)[3:5], digits(text)[5:]
    return area not in {"000", "666"} and group != "00" and serial != "0000"


def ipv4(text: str) -> bool:
    """Check that the four numbers fit into bytes."""
    return all(int(part) < 256 for part in text.split("/", maxsplit=1)[0].split("."))  # noqa: PLR2004  a byte
