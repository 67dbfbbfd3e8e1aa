"""What a person signs in with: user names, passwords, tokens of access."""

import re

from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="credential",
    title="User names, passwords, access tokens",
    finding="credential",
    source="28 CFR 202.234",
    names=(
        "password|secret",
        "username",
        "user $name",
        "token access|refresh|auth|bearer|api|oauth",
        "security question|answer",
    ),
    shape=re.compile(r"\$(2[aby]|argon2\w*|5|6|pbkdf2[\w-]*)\$.{10,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*"),
    alone=0.95,
)
