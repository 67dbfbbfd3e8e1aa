"""Forty invented people; whatever looks like an identifier belongs to nobody."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from precision_oncology.generator.hazards import PATIENTS

GIVEN: Final = [
    "Ada",
    "Grace",
    "Rosalind",
    "Barbara",
    "Tu",
    "Youyou",
    "Gerty",
    "Dorothy",
    "Marie",
    "Lise",
    "Emmy",
    "Sofia",
    "Chien",
    "Jane",
    "Rita",
    "Katalin",
]
FAMILY: Final = [
    "Okafor",
    "Lindqvist",
    "Moreau",
    "Tanaka",
    "Novak",
    "Silva",
    "Haddad",
    "Kowalski",
    "Mbeki",
    "Fischer",
    "Rossi",
    "Larsen",
    "Iyer",
    "Chen",
]
CITIES: Final = (("Emporia", "KS", "66801"), ("Boise", "ID", "83702"), ("Albany", "NY", "12207"))
LAST_DAY: Final = date(2026, 6, 30)


@dataclass(frozen=True, slots=True)
class Person:
    """One patient of the invented hospital."""

    number: int
    patient_id: str
    mrn: str
    family: str
    given: str
    birth_date: date
    gender: str
    city: str
    state: str
    zip: str
    ssn: str
    has_licence: bool
    deceased: date | None


def invent_people(rng: np.random.Generator) -> list[Person]:
    """Invent the patients, hazards included, in the order of their ids."""
    people = [_person(number, rng) for number in range(PATIENTS)]
    people[1] = replace(people[1], zip="00000")
    people[2] = replace(people[2], birth_date=date(1931, 2, 3))
    people[3] = replace(people[3], family="O'Brien")
    people[4] = replace(people[4], family="Müller-Åström", given="José")
    people[6] = replace(people[6], family=people[5].family, given=people[5].given)
    people[7] = replace(people[7], mrn=people[7].patient_id)
    return people


def _person(number: int, rng: np.random.Generator) -> Person:
    city, state, zip_code = CITIES[int(rng.integers(len(CITIES)))]
    born = date(1938, 1, 1) + timedelta(days=int(rng.integers(0, 60 * 365)))
    return Person(
        number=number,
        patient_id=str(UUID(int=(number << 120) | int(rng.integers(0, 2**62)), version=4)),
        mrn=f"MRN{int(rng.integers(10**9)):09d}",
        family=FAMILY[number % len(FAMILY)],
        given=GIVEN[number % len(GIVEN)],
        birth_date=born,
        gender=("female", "male")[int(rng.integers(2))],
        city=city, state=state, zip=zip_code,
        ssn=f"999-{int(rng.integers(10, 99))}-{int(rng.integers(1000, 9999))}",
        has_licence=number % 9 != 0,
        deceased=LAST_DAY - timedelta(days=200 + number) if number % 13 == 0 else None,
    )  # fmt: skip
