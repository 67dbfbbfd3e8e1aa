"""Biometric identifiers: finger, voice, iris, face and gait templates."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import Kind

DETECTOR = Detector(
    name="biometric",
    title="Biometric identifiers",
    finding="biometric",
    source="45 CFR 164.514(b)(2)(i)(P)",
    names=(
        "fingerprint !browser",
        "minutiae|voiceprint|iris|biometric",
        "face|audio|gait|palm|keystroke template|embedding|vector|encoding|signature|dynamics|print",
        "audio record|file|sample",
    ),
    kinds=frozenset({Kind.TEXT, Kind.BINARY, Kind.NESTED, Kind.UNKNOWN}),
)
