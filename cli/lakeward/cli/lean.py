"""Start faster: keep libraries that a command never uses from being imported on its way."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Absent:
    """Says of one library that it is not installed; those who would use it if it were there do without."""

    def __init__(self, library: str) -> None:
        self._library = library

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse the library, and leave every other name to the next finder."""
        if name == self._library:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def without_pandas() -> None:
    """Keep pandas out of this process, unless somebody has imported it already.

    DuckDB and pyarrow look for it when they are handed a Python object, to see whether that is a data frame.
    The look costs a third of a second, as much as the rest of a small query. Only for a process that is ours.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _Absent("pandas"))
