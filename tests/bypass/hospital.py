"""A small hospital, all of it made up: raw rows, and what each principal may see of them.

`build(seed)` gives the rows; the policies are plain data that `lake.py` turns into documents for the product
and `copies.py` into sanitised copies, each in its own way.
"""

import datetime as dt
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

CLEAR: tuple[str, Any] = ("clear", None)
Mask = tuple[str, Any]
"""The name of a mask and its argument."""

S, N, D, T = pa.string(), pa.int32(), pa.float64(), pa.timestamp("us")
SCHEMA: dict[str, dict[str, pa.DataType]] = {
    "main.patient": {
        "patient_id": S, "mrn": S, "ssn": S, "name": S, "born": pa.date32(), "sex": S, "zip": S, "site": S,
        "vip": pa.bool_(), "score": D, "weight": pa.decimal128(6, 2), "seen": T, "account": pa.int64(),
        "address": pa.struct([("street", S), ("unit", N)]), "phones": pa.list_(S), "plan": S, "Mixed Name": S,
    },
    "main.visit": {
        "visit_id": N, "patient_id": S, "site": S, "dept": S, "started": T, "ended": T, "code": S, "days": N,
        "cost": pa.decimal128(10, 2), "doctor": S,
    },
    "main.lab": {
        "lab_id": pa.int64(), "patient_id": S, "visit_id": N, "test": S, "value": D, "unit": S,
        "abnormal": pa.bool_(), "taken": T,
    },
    "main.note": {"note_id": N, "patient_id": S, "kind": S, "author": S, "written": T, "body": S},
    "main.variant": {
        "variant_id": S, "patient_id": S, "gene": S, "pos": pa.int64(), "effect": S, "quals": pa.list_(D),
        "info": pa.map_(S, S),
    },
    "main.scan": {"scan_id": S, "patient_id": S, "modality": S, "part": S, "taken": T, "labels": pa.list_(S)},
    "main.code": {"code": S, "title": S, "chapter": S},
    "main.range": {"test": S, "name": S, "unit": S, "low": D, "high": D},
    "main.consent": {"patient_id": S, "study": S, "status": S},
    "main.care_team": {"member": S, "patient_id": S},
    "vault.patient": {"patient_id": S, "ssn": S, "batch": S},
    "vault.secret": {"key_id": S, "secret": S},
}  # fmt: skip
Rows = dict[str, list[list[Any]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """Rows of one table for one principal, and a mask for each column that shows."""

    to: str
    table: str
    columns: Mapping[str, Mask]
    rows: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Restriction:
    """What binds everybody but `spared`: a row filter, and floors for columns."""

    table: str
    rows: str | None = None
    columns: Mapping[str, Mask] = field(default_factory=dict)
    spared: tuple[str, ...] = ()


def _all(table: str, **masks: Mask | None) -> dict[str, Mask]:
    """Every column in clear, but for the masks given; None leaves a column out."""
    columns = {name: masks.get(name, CLEAR) for name in SCHEMA[table]}
    return {name: mask for name, mask in columns.items() if mask is not None}


NULL: Mask = ("replace-with-null", None)
PSEUDONYM: Mask = ("pseudonym", None)
YEAR: Mask = ("truncate-to-year", None)
CONSENTED = (
    "patient_id IN (SELECT patient_id FROM main.consent WHERE study = 'glucose' AND status = 'active')"
)
MINE = "patient_id IN (SELECT c.patient_id FROM main.care_team AS c WHERE c.member = principal())"
HERE = "site = attribute('site')"
VIP = "patient_id NOT IN (SELECT p.patient_id FROM main.patient AS p WHERE p.vip)"
_RESEARCH = _all(
    "main.patient", patient_id=PSEUDONYM, mrn=None, ssn=None, name=PSEUDONYM, born=YEAR, zip=("prefix", 3),
    vip=None, score=("round", 1), seen=YEAR, address=NULL, phones=NULL, plan=None, account=None,
)  # fmt: skip
_COHORT = _all(
    "main.patient", mrn=NULL, ssn=("show-last-4", None), name=PSEUDONYM, born=YEAR, zip=("prefix", 3),
    address=NULL, phones=NULL, plan=NULL, account=None, vip=None,
)  # fmt: skip
_OPEN = [Grant(to="*", table=table, columns=_all(table)) for table in ("main.code", "main.range")]
_OF_PATIENTS = ("main.visit", "main.lab", "main.note", "main.variant", "main.scan")

GRANTS: list[Grant] = [
    *_OPEN,
    # grace, a clinician: her own patients in clear and, in the same answer, the consented cohort masked
    Grant(to="grace", table="main.patient", columns=_all("main.patient"), rows=MINE),
    Grant(to="grace", table="main.patient", columns=_COHORT, rows=CONSENTED),
    *[Grant(to="grace", table=table, columns=_all(table), rows=MINE) for table in _OF_PATIENTS],
    Grant(to="grace", table="main.visit", columns=_all("main.visit", doctor=None, cost=None), rows=CONSENTED),
    Grant(to="grace", table="main.lab", columns=_all("main.lab", taken=YEAR), rows=CONSENTED),
    # ada, a researcher: consented rows, masked
    Grant(to="ada", table="main.patient", columns=_RESEARCH, rows=CONSENTED),
    Grant(
        to="ada", table="main.note", columns=_all("main.note", patient_id=PSEUDONYM, body=NULL, author=None)
    ),
    *[
        Grant(to="ada", table=table, columns=_all(table, patient_id=PSEUDONYM), rows=CONSENTED)
        for table in ("main.visit", "main.lab", "main.variant", "main.scan")
    ],
    # bill: one site by an attribute, few columns
    Grant(
        to="bill", table="main.patient",
        columns=_all("main.patient", name=None, born=None, address=None, phones=None, score=None), rows=HERE,
    ),
    Grant(to="bill", table="main.visit", columns=_all("main.visit", code=("prefix", 1)), rows=HERE),
    # gene: filters that may themselves fail on some rows
    Grant(
        to="gene", table="main.patient", columns=_all("main.patient", ssn=None, plan=None),
        rows="CAST(substr(patient_id, 2) AS INTEGER) % 3 <> 0 AND regexp_matches(name, '^[A-M]')",
    ),
    Grant(
        to="gene", table="main.visit", columns=_all("main.visit"),
        rows="(code LIKE 'E%' OR code LIKE 'C%') AND strptime(substr(CAST(started AS VARCHAR), 1, 10),"
        " '%Y-%m-%d') > TIMESTAMP '2024-03-01'",
    ),
    Grant(to="gene", table="main.variant", columns=_all("main.variant"), rows=VIP),
    Grant(
        to="gene", table="main.lab", columns=_all("main.lab"),
        rows="EXISTS (SELECT 1 FROM main.patient AS p WHERE p.patient_id = lab.patient_id AND NOT p.vip)",
    ),
    # maya: many overlapping grants over one table, each with masks of its own
    Grant(to="maya", table="main.visit", columns={"visit_id": CLEAR, "dept": CLEAR}),
    Grant(
        to="maya", table="main.visit", columns=_all("main.visit", cost=NULL, doctor=NULL), rows="site = 'H1'"
    ),
    Grant(to="maya", table="main.visit", columns=_all("main.visit", patient_id=PSEUDONYM), rows=CONSENTED),
    Grant(to="maya", table="main.visit", columns=_all("main.visit"), rows=MINE),
    Grant(
        to="maya", table="main.visit", columns=_all("main.visit", patient_id=None, code=("prefix", 1)),
        rows="code LIKE 'F%' OR days > 20",
    ),
    Grant(
        to="maya", table="main.patient", columns=_all("main.patient", ssn=NULL, zip=("prefix", 3)), rows=VIP
    ),
    Grant(to="maya", table="main.patient", columns=_all("main.patient", name=PSEUDONYM, account=None)),
    Grant(to="maya", table="main.lab", columns=_all("main.lab"), rows="abnormal"),
    Grant(to="maya", table="main.lab", columns=_all("main.lab", value=("round", 0), patient_id=PSEUDONYM)),
    Grant(to="maya", table="main.consent", columns=_all("main.consent"), rows="status = 'active'"),
]  # fmt: skip

RESTRICTIONS: list[Restriction] = [
    Restriction(table="main.note", rows="kind <> 'sud'", spared=("bill",)),
    Restriction(table="main.patient", columns={"ssn": ("show-last-4", None)}, spared=("bill",)),
    Restriction(table="main.lab", rows="test <> 'HIV'", spared=("gene",)),
    Restriction(table="main.scan", columns={"labels": ("hidden", None)}, spared=("ada", "grace")),
]
ATTRIBUTES: dict[str, dict[str, Any]] = {"bill": {"site": "H2"}}
PRINCIPALS = ("grace", "ada", "bill", "gene", "maya", "nora")
"""`nora` has no grant of her own."""


def rows(seed: int = 20260301, patients: int = 60) -> Rows:
    """Every raw row; the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - synthetic data
    made: Rows = {table: [] for table in SCHEMA}
    made["main.code"] = [list(each) for each in _CODES]
    made["main.range"] = [list(each) for each in _RANGES]
    made["vault.secret"] = [["K1", "KEY-55c1d0aa"], ["K2", "KEY-90be77f3"]]
    for i in range(patients):
        _add_patient(made, rng, i)
    for i in range(patients * 3):
        _add_visit(made, rng, i)
    for i in range(patients * 6):
        _add_lab(made, rng, i)
    for i in range(patients * 2):
        _add_note(made, rng, i)
        _add_variant(made, rng, i)
        _add_scan(made, rng, i)
    return made


def arrow(made: Rows) -> dict[str, pa.Table]:
    """The rows as Arrow tables."""
    return {
        table: pa.table(
            [
                pa.array([row[i] for row in made[table]], type=type_)
                for i, type_ in enumerate(columns.values())
            ],
            names=list(columns),
        )
        for table, columns in SCHEMA.items()
    }


_START = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - a column without a zone
_CODES = [
    ("E11.9", "Type 2 diabetes", "Endocrine"), ("C50.9", "Breast cancer", "Neoplasms"),
    ("F10.2", "Alcohol dependence", "Mental"), ("I10", "Hypertension", "Circulatory"),
    ("J45", "Asthma", "Airways"),
    ("B20", "HIV disease", "Infectious"),
]  # fmt: skip
_RANGES = [
    ("A1C", "Haemoglobin A1c", "%", 4.0, 5.6), ("GLU", "Glucose", "mg/dL", 70.0, 99.0),
    ("LDL", "LDL", "mg/dL", 0.0, 100.0), ("HIV", "HIV RNA", "cp/mL", 0.0, 20.0),
]  # fmt: skip
_NAMES = (
    "Abel",
    "Baker",
    "Chen",
    "Diaz",
    "Evans",
    "Frei",
    "Gupta",
    "Hart",
    "Moss",
    "Nowak",
    "Okoye",
    "Quinn",
)


def _add_patient(made: Rows, rng: random.Random, i: int) -> None:
    name, patient_id = f"{rng.choice(_NAMES)}{100 + i}", f"P{7000 + i * 7}"
    ssn = f"{rng.randrange(100, 899)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"
    plan = json.dumps({"kind": rng.choice(["PPO", "HMO"]), "member": f"INS{rng.randrange(10**7, 10**8)}"})
    born = dt.date(1930, 1, 1) + dt.timedelta(days=rng.randrange(30_000))
    made["main.patient"].append([
        patient_id, f"MRN-{500_000 + i * 13}", ssn, name, born, rng.choice("FM"),
        f"{rng.randrange(10_000, 99_999)}", rng.choice(["H1", "H2", "H3"]), rng.random() < 0.15,
        None if i % 11 == 3 else round(rng.random() * 100, 3),
        _decimal(rng, 40, 120),
        _moment(rng), rng.choice([rng.randrange(10**6), 2**63 - 1 - rng.randrange(99)]),
        {"street": f"{rng.randrange(1, 99)} {rng.choice(_NAMES)} Road {i}", "unit": rng.randrange(1, 90)},
        [f"+1-555-{rng.randrange(1000, 9999)}-{i:03d}" for _ in range(rng.randrange(3))], plan, f"mix {name}",
    ])  # fmt: skip
    made["vault.patient"].append([patient_id, ssn, f"BATCH-{i // 20:03d}x"])
    status = rng.choice(["active", "active", "withdrawn"])
    made["main.consent"].append([patient_id, "glucose", status])
    if i % 4 == 0:
        made["main.consent"].append([patient_id, "glucose", "active"])
    if i == 0:
        made["main.consent"].append([None, "glucose", "active"])
    made["main.care_team"].append([rng.choice(["grace", "maya", "otto"]), patient_id])


def _decimal(rng: random.Random, low: int, high: int) -> Decimal:
    return Decimal(rng.randrange(low * 100, high * 100)) / 100


def _moment(rng: random.Random) -> dt.datetime:
    return _START + dt.timedelta(minutes=rng.randrange(600_000))


def _patient(made: Rows, rng: random.Random) -> list[Any]:
    return rng.choice(made["main.patient"])


def _add_visit(made: Rows, rng: random.Random, i: int) -> None:
    patient, started = _patient(made, rng), _moment(rng)
    made["main.visit"].append([
        i, patient[0], patient[7], rng.choice(["ICU", "MED", "SUR", "PSY"]), started,
        started + dt.timedelta(hours=rng.randrange(1, 400)), rng.choice(_CODES)[0], rng.randrange(30),
        _decimal(rng, 50, 90_000), None if i % 9 == 0 else f"DR-{rng.choice(_NAMES)}{rng.randrange(10, 99)}",
    ])  # fmt: skip


def _add_lab(made: Rows, rng: random.Random, i: int) -> None:
    visit = rng.choice(made["main.visit"])
    test, _, unit, low, high = rng.choice(_RANGES)
    value = round(rng.uniform(low * 0.5, high * 1.8), 2)
    taken = visit[4] + dt.timedelta(hours=rng.randrange(48))
    made["main.lab"].append([i * 3, visit[1], visit[0], test, value, unit, not low <= value <= high, taken])


def _add_note(made: Rows, rng: random.Random, i: int) -> None:
    patient = _patient(made, rng)
    body = (
        f"Pt {patient[3]} (MRN {patient[1]}) seen; ref {i:05d}X; dx {rng.choice(_CODES)[0]}. Call {i:04d}-9."
    )
    kind = rng.choice(["progress", "discharge", "sud", "consult"])
    made["main.note"].append([i, patient[0], kind, f"DR-{rng.choice(_NAMES)}{i:02d}", _moment(rng), body])


def _add_variant(made: Rows, rng: random.Random, i: int) -> None:
    quals = None if i % 17 == 5 else [round(rng.uniform(20, 99), 1) for _ in range(rng.randrange(4))]
    info = {"dp": str(rng.randrange(10, 99)), "lab": f"SEQ{rng.randrange(1000, 9999)}x{i}"}
    made["main.variant"].append([
        f"VAR-{9000 + i * 5}", _patient(made, rng)[0], rng.choice(["BRCA1", "TP53", "HTT"]),
        rng.randrange(10**6, 10**8), rng.choice(["benign", "pathogenic", "vus"]), quals, list(info.items()),
    ])  # fmt: skip


def _add_scan(made: Rows, rng: random.Random, i: int) -> None:
    labels = rng.sample(["urgent", "contrast", "repeat", "portable"], 2)
    made["main.scan"].append([
        f"IMG-{6000 + i * 9}", _patient(made, rng)[0], rng.choice(["CT", "MR", "US"]),
        rng.choice(["head", "knee"]),
        _moment(rng), labels,
    ])  # fmt: skip
