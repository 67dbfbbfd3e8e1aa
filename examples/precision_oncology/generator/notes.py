"""Clinical notes in plain text with headed sections; every one names its patient, as notes do."""

from datetime import date

import numpy as np

from precision_oncology.generator.people import Person

SYMPTOMS = ("fatigue", "cough", "weight loss", "nausea", "night sweats", "chest pain", "dyspnea", "fever")
DIAGNOSES = ("adrenocortical carcinoma", "lung adenocarcinoma", "hypertension", "type 2 diabetes", "anemia")
DRUGS = ("cisplatin", "paclitaxel", "metformin", "lisinopril", "mitotane", "pembrolizumab")


def write_note(person: Person, on: date, rng: np.random.Generator, *, extra: str = "") -> str:
    """Write one note: complaint, history with a negation, family history, medications, plan."""
    first, second, absent = (str(each) for each in rng.choice(SYMPTOMS, 3, replace=False))
    diagnosis, drug = str(rng.choice(DIAGNOSES)), str(rng.choice(DRUGS))
    age = (on - person.birth_date).days // 365
    return (
        f"\n{on.isoformat()}\n\n# Chief Complaint\n- {first.capitalize()}\n\n"
        f"# History of Present Illness\n{person.given} {person.family}\n"
        f" is a {age} year-old {person.gender}. "
        f"Patient has a history of {diagnosis}. Reports {second}. Denies {absent}.{extra}\n\n"
        f"# Family History\nMother had {rng.choice(DIAGNOSES)}.\n\n"
        f"# Medications\n{drug} 50 mg injection\n\n"
        f"# Assessment and Plan\nContinue {drug}. If {absent} develops, return to clinic.\n"
    )
