"""Devices: serial numbers, UDI, IMEI, hardware addresses."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import CONTEXT, Detector, Evidence


def _lot_of_a_device(column: Column, table: TableContext) -> Evidence | None:
    """A lot number narrows down an implant or device, and is part of its UDI."""
    if "lot" in column.words and table.words & {"device", "implant"}:
        return Evidence("device", 0.85, CONTEXT, "a lot number in a table of devices")
    return None


DETECTOR = Detector(
    name="device",
    title="Device identifiers and serial numbers",
    finding="device",
    source="45 CFR 164.514(b)(2)(i)(M)",
    names=(
        "serial !sequence",
        "udi|imei|mac",
        "device|implant|hardware|tracking $@key|barcode|address !concept",
        "production id",
        "device|implant udi|barcode",
        "transmitter|receiver|pump|pacemaker $@key",
    ),
    judge=_lot_of_a_device,
)
