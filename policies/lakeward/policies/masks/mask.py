"""A mask as a value: its name and arguments."""

from dataclasses import dataclass

Argument = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask as a policy names it; what it does is looked up by name."""

    name: str
    arguments: tuple[tuple[str, Argument], ...] = ()

    @property
    def rank(self) -> int:
        """How much it hides: 0 shows the cell, 100 has no column; the lower of two ranks shows more."""
        from lakeward.policies.masks.registry import MASKS  # noqa: PLC0415 - definitions build masks

        definition = MASKS.get(self.name)
        return definition.rank if definition else HIDDEN_RANK

    def argument(self, name: str) -> Argument | None:
        """Return an argument, or None where it was not given."""
        return dict(self.arguments).get(name)

    def __str__(self) -> str:
        given = ", ".join(f"{name}: {value}" for name, value in self.arguments)
        return f"{self.name}({given})" if given else self.name


HIDDEN_RANK = 100
CLEAR = Mask("clear")
HIDDEN = Mask("hidden")
REPLACE_WITH_NULL = Mask("replace-with-null")
