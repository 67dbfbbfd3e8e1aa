"""What can go wrong with emergency access."""

from lakeward.catalog.errors import DeniedError, InputError


class GlassRefusedError(DeniedError):
    """No emergency access of that name for that principal and purpose: one text for every cause."""

    code = "break-glass-refused"

    def __init__(self) -> None:
        super().__init__(
            "There is no emergency access of that name for you, for this purpose.",
            hint="Ask a steward which grants have `break_glass`, for which roles and purposes.",
        )


class NoReasonError(InputError):
    """Emergency access without a reason that a reviewer could judge."""

    code = "no-reason"

    def __init__(self, least: int, most: int) -> None:
        super().__init__(
            f"Emergency access needs a reason of {least} to {most} characters.",
            hint="Say what happened, without naming a patient: a reviewer reads it.",
        )


class GlassTooLongError(InputError):
    """Emergency access for longer than the policies allow."""

    code = "break-glass-too-long"

    def __init__(self, received: int, most: int) -> None:
        super().__init__(
            f"{received} minutes were asked for; this grant takes 1 to {most}.",
            hint="Ask for less, and ask again when it has ended.",
        )


class GlassEndedError(DeniedError):
    """The emergency access that a statement ran under has ended."""

    code = "break-glass-ended"

    def __init__(self) -> None:
        super().__init__(
            "The emergency access that this statement ran under has ended.",
            hint="Ask for it again: `lakeward break-glass request`.",
        )


class UnknownGlassRequestError(InputError):
    """No request has that id."""

    code = "unknown-break-glass-request"

    def __init__(self) -> None:
        super().__init__(
            "There is no request for emergency access with this id.",
            hint="List them with `lakeward break-glass list`.",
        )


class NotReviewableError(InputError):
    """A request that cannot be reviewed now, or not by that principal."""

    code = "break-glass-not-reviewable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This request for emergency access cannot be reviewed: {why}.",
            hint="See `lakeward break-glass list`.",
        )


class MayNotReviewError(DeniedError):
    """Somebody without the right to review."""

    code = "may-not-review"

    def __init__(self) -> None:
        super().__init__(
            "You may not review emergency access.",
            hint="A steward gives the right `break_glass.review` under `rights` in the policy documents.",
        )
