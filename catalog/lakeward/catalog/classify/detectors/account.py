"""Account numbers: of a bill, a bank, a card."""

from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="account",
    title="Account numbers",
    finding="account",
    source="45 CFR 164.514(b)(2)(i)(J)",
    names=(
        "account $@key|code",
        "=account",
        "patient|person|guarantor|bank account",
        "bank $code|number|id",
        "iban|swift",
        "credit|debit|bank card",
        "card $number",
        "card last",
        "guarantor $@key",
        "routing|check number",
    ),
)
