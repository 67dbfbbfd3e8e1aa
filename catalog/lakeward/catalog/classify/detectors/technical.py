"""What describes the record and not the person: units, versions, statuses of a record, sequence numbers."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import ANY, Kind

DETECTOR = Detector(
    name="technical",
    title="Technical details",
    finding="technical",
    names=(
        "academic|fiscal year",
        "$version|firmware|battery|latency|schema|protocol|mime|encoding|currency|taxonomy|pixelspacing"
        "|port !about_",
        "http|software !user !url !agent",
        "response|process time|millisecond",
        "$manufacturer|model",
        "manufacturer name|model|code",
        "device|model $name|model|type|manufacturer",
        "manufacture date",
        "expiry date lot|drug|device|product|item|immunization|material|supply",
        "range !pain",
        "$sequence",
        "$number sequence|line|row|set|instance|version|series|image|frame",
        "set|sequence|line|row id|number !address !device",
        "sequence number",
        "load $id",
        "=intent",
        "concept type|language",
        "concept encoding|currency|country|unit|type|operator",
        "file $name|size|format|type|version|extension",
        "genome|reference $build",
        "reference $build",
        "build !by",
        "lot !device",
        "quality|confidence score|flag|level|control",
        "$qualifier|quality|confidence|priority|scope|sequence|checksum|algorithm",
        "relationship type|code|concept",
        "=relationship",
        "purpose|provision|security|scope code|type|label|purpose",
        "@org !employer organization|payer|vendor|manufacturer|company|agency name|display|reference"
        "|code|type|id|company|payer"
        " !plan !period !control !@event !address !phone !email !date",
        "=payer|organization|vendor|manufacturer|company|agency|insurance",
        "payer|insurance $type|category|name|payer|insurance|code !@event !amount !payment !cost !plan",
        "form|survey|questionnaire $name|version|language|complete",
        "label|taxonomy|specialty code|name",
        "=modality",
        "modality code|name",
        "number series|instance|image|frame|row|file",
        "body weight unit",
        "batch",
        "icd version",
        "http status",
        "status record|request|order|document|claim|form|appointment|response|consent|file|job|message"
        "|survey|transaction|"
        "payment|publish|process|survey|study|specimen|completion",
        "=status !x",
        "document|note|report|claim|coverage|payment|form|file $type|category",
        "drug|dose|product $type|class|form",
        "unit $cost|price",
        "system code|name|source|operating",
        "code system|version",
        "source system",
    ),
    kinds=ANY - {Kind.BINARY},
)
