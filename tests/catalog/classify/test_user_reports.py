"""What users of other classifiers reported as wrong; and identifiers under names that hide them."""

import pyarrow as pa
import pytest

from lakeward.catalog.classify import Column, Proposal, classify_columns

KEY = Column("patient_id", pa.int64(), pa.array(range(70_001, 70_041)))


def judged(name: str, values: pa.Array | None, type_: pa.DataType | None = None) -> Proposal:
    """Judge a column beside a patient's key."""
    return classify_columns("visits", [Column(name, type_, values), KEY])[0]


def repeated(*values: object, times: int = 40) -> pa.Array:
    return pa.array([values[index % len(values)] for index in range(times)])


TRUTHS = pa.array([True, False] * 20)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("scenario_code", pa.array([f"SCN-{number}" for number in range(125, 165)])),  # called PII with 1.00
        ("academic_year_code", repeated("2003/2004", "2016/2017", "1997/1998")),  # called CVV
        ("model_year", repeated(2001, 2017, 2023)),
        ("email_verified", repeated(0, 1)),  # called sensitive
        ("tumor_email_count", repeated(3, 9, 7, 120)),  # an INT, called e-mail with 0.9
        ("email", repeated(0, 1)),
        ("phone_number_type", repeated("home", "work", "mobile")),
        ("address_count", repeated(0, 1, 4)),
        ("cvv_flag", TRUTHS),
        ("ip_version", repeated(4, 6)),
        ("zip_file_size", pa.array(range(10_000, 90_000, 2_000))),
        ("first_name", TRUTHS),  # a boolean is no name
    ],
)
def test_it_is_no_identifier(name: str, values: pa.Array) -> None:
    assert judged(name, values, values.type).role != "direct"


@pytest.mark.parametrize(
    "name", ["email_verified", "phone_number_type", "address_count", "ip_version", "ssn_present"]
)
def test_a_property_of_an_identifier_is_cleared_by_its_name(name: str) -> None:
    assert judged(name, None).role == "none"


@pytest.mark.parametrize("name", ["patient_name", "email", "ssn", "home_phone"])
def test_names_are_heard_when_sampling_is_off(name: str) -> None:  # recognisers fell silent
    assert judged(name, None).role == "direct"


@pytest.mark.parametrize("name", ["date_of_birth", "zip", "gender"])
def test_what_hipaa_and_common_sense_count_is_never_cleared(name: str) -> None:  # called NonSensitive
    assert judged(name, None).role == "quasi"


@pytest.mark.parametrize(
    ("values", "finding"),
    [
        ([f"{number:03}-45-{number:04}" for number in range(101, 141)], "ssn"),
        ([f"(415) 555-{number:04}" for number in range(40)], "phone"),
        ([f"user{number}@example.org" for number in range(40)], "email"),
        ([f"203.0.113.{number}" for number in range(40)], "ip"),
        ([f"MRN{number}" for number in range(60_000_000, 60_000_040)], "mrn"),
        ([f"{number} Oak Street" for number in range(40)], "address"),
        (["Mary Smith", "James Brown", "Emma Garcia", "Olga Petrova"] * 10, "person_name"),
        (
            [f"Pt Casey Ashley seen, MRN {number}, call (206) 555-0177" for number in range(40)],
            "clinical_text",
        ),
    ],
)
@pytest.mark.parametrize(
    "name", ["c1", "ref", "misc", "value", "status", "unit", "form_version", "email_verified"]
)
def test_values_decide_under_a_name_that_hides_them(name: str, values: list[str], finding: str) -> None:
    assert judged(name, pa.array(values), pa.string()).finding == finding


def test_an_mrn_beside_it_makes_a_date_a_date_of_a_person() -> None:
    dates = pa.array(["1980-01-01", "1990-02-02", "1970-03-03"] * 10)
    mrn = Column("mrn", pa.string(), pa.array([f"MRN{number}" for number in range(30)]))
    assert classify_columns("t", [Column("taken", pa.date32(), pa.compute.cast(dates, pa.date32()))])[
        0
    ].role == ("unclassified")
    assert classify_columns("t", [Column("taken", pa.date32(), pa.compute.cast(dates, pa.date32())), mrn])[
        0
    ].role == ("quasi")


def test_a_stock_holds_no_person() -> None:
    names = ("sku", "item_name", "lot_number", "expiry_date", "qty_on_hand", "unit_cost")
    roles = {
        each.column: each.role for each in classify_columns("supply_inventory", [Column(n) for n in names])
    }
    assert roles["sku"] == roles["lot_number"] == roles["unit_cost"] == "none"


def test_a_crosswalk_of_identifiers_is_no_dictionary() -> None:
    proposals = classify_columns("patient_id_map", [Column("old_id"), Column("new_id"), Column("mrn")])
    assert "none" not in {each.role for each in proposals}


def test_a_hashed_identifier_stays_one() -> None:
    hashed = judged("mrn_sha256", pa.array([f"{number:064x}" for number in range(40)]))
    assert (hashed.role, hashed.tags[0]) == ("direct", "phi.unique")


def test_one_number_among_many_words_is_found() -> None:
    values = pa.array([*["ok", "pending", "none", "seen"] * 500, "call 123-45-6789"])
    assert "phi.free_text" in judged("record_status", values, pa.string()).tags


@pytest.mark.parametrize(
    "name",
    [
        "low_birth_weight", "high_cholesterol", "treatment_protocol", "sleep_latency", "visit_purpose",
        "work_type",
        "family_size", "quality_of_life_score", "language_concept_id", "carrier_status", "body_build",
        "unit_type",
        "hospital_expire_flag", "PatientSize", "drug_class", "residence_type", "reaction_time",
        "seqno", "company",
    ],
)  # fmt: skip
def test_what_sounds_technical_but_is_of_a_person_is_not_cleared(name: str) -> None:
    assert judged(name, None).role != "none"


@pytest.mark.parametrize("name", ["status", "category"])
def test_a_status_of_persons_is_not_cleared(name: str) -> None:
    assert classify_columns("patients", [Column(name), KEY])[0].role != "none"
