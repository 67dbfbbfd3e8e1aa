"""What describes the record and not the person: units, versions, statuses of a record, sequence numbers."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import ANY, Kind

DETECTOR = Detector(
    name="technical",
    title="Technical details",
    finding="technical",
    names=(
        "academic|fiscal year",
        "$version|mime|encoding|currency|taxonomy|pixelspacing",
        "$firmware|battery|latency|schema|protocol|port !@health !@genetic !@demographic !exam",
        "http status|method|version",
        "$software !@health !user !agent",
        "response|process time|millisecond !@health",
        "$manufacturer|model !@health !@genetic",
        "manufacturer name|model|code",
        "device|model $name|model|type|manufacturer",
        "manufacture date",
        "expiry date lot|drug|device|product|item|immunization|material|supply",
        "reference|adj|norm range|bound !age !pain",
        "range bound",
        "$number sequence|line|row|set|instance|version|series|image|frame",
        "set|sequence|line|row id|number !address !device",
        "sequence number",
        "load $id",
        "=intent",
        "concept type",
        "concept encoding|currency|country|unit|type|operator",
        "file $name|size|format|type|version|extension",
        "genome|reference $build",
        "reference $build",
        "software|system build",
        "$lot !device",
        "lot $number|id|code !device",
        "quality control",
        "$qualifier|confidence|priority|scope|checksum|algorithm !@health",
        "relationship type|code|concept",
        "=relationship",
        "provision|security $code|type|label|purpose",
        "@org !employer organization|payer|vendor|manufacturer|agency name|display|reference"
        "|code|type|id|payer"
        " !@health !@demographic !plan !period !control !@event !address !phone !email !date",
        "=payer|organization|vendor|manufacturer|agency|insurance",
        "payer|insurance $type|category|name|payer|insurance|code !@event !@health !@demographic"
        " !amount !payment !cost !plan",
        "form|survey|questionnaire $name|version|complete",
        "label|taxonomy|specialty code|name !@health",
        "=modality",
        "modality code|name",
        "number series|instance|image|frame|row|file",
        "body weight unit",
        "$batch",
        "icd version",
        "http status",
        "status record|request|order|document|claim|form|appointment|response|consent|file|job|message"
        "|survey|transaction|"
        "payment|publish|process|survey|study|specimen|completion",
        "=status !x",
        "document|note|report|claim|coverage|payment|form|file $type|category",
        "drug $type",
        "unit $cost|price",
        "system code|name|source|operating",
        "code system|version",
        "source system",
    ),
    kinds=ANY - {Kind.BINARY},
)
