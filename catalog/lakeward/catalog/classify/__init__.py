"""What a column holds, found by its name, its values and what stands beside it. A proposal, never a decision.

Each detector (`detectors/`, one small file each) gives evidence: words of the name, the share of whole values
with a shape, check digits, lists of words, the table around, standards, lineage. A type is a veto. `decide`
weighs it. `none` is the one verdict that lets somebody see more, so it needs a reason and no sign to the
contrary; what cannot be known is `unclassified`, and stays hidden. Nothing that leaves holds a value.
"""

from lakeward.catalog.classify.column import Column, Proposal
from lakeward.catalog.classify.tables import classify_columns

VERSION = "1"
"""Changes with every change of a detector, a list or a rule: what was judged before is judged again."""

__all__ = ["VERSION", "Column", "Proposal", "classify_columns"]
