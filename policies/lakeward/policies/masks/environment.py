"""What a mask may ask for when it becomes an expression."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True, kw_only=True, slots=True)
class MaskEnvironment:
    """Where masks find their keys.

    Attributes:
        key: A key's label to an expression that looks the key up (a text of 64 hex digits) where the mask
            runs. The label `query-local` stands for a key made for one statement.
        study: The key domain: pseudonyms and shifts agree inside a study and cannot be linked between two.
    """

    key: Callable[[str], exp.Expr]
    study: str

    def study_key(self, use: str) -> exp.Expr:
        """Return the key of one use inside the study."""
        return self.key(f"{use}:{self.study}")
