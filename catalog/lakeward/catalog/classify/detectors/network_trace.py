"""Traces of a person's browser: sessions, cookies, user agents."""

import re

from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="network_trace",
    title="Sessions, cookies, user agents",
    finding="network",
    source="28 CFR 202.234",
    names=("cookie", "user agent", "=agent", "session $@key", "=session", "browser fingerprint|agent"),
    shape=re.compile(r"(Mozilla|Opera|Dalvik|okhttp|curl|python-requests)/\d.*"),
    alone=0.9,
)
