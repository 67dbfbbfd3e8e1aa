"""What somebody hears who does not come in, and what the keeper of accounts may do wrong."""

from lakeward.catalog.errors import DeniedError, InputError


class UnauthenticatedError(DeniedError):
    """Nobody known: one text for every cause, so that nobody learns which users there are."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__(
            "Sign-in failed.",
            hint="Check the name and the password, token or certificate; after several failures wait a "
            "minute.",
        )


class InvalidPrincipalNameError(InputError):
    """A name that no account can have."""

    code = "invalid-principal-name"

    def __init__(self) -> None:
        super().__init__(
            "This is no name for a user: it takes 1 to 128 letters, digits or any of "
            "`. _ @ + -`, the first a letter or digit.",
            hint="For example `ada`, `ada@example.org` or `etl-nightly`.",
        )


class WeakPasswordError(InputError):
    """A password that is too short or too long."""

    code = "weak-password"

    def __init__(self, least: int, most: int) -> None:
        super().__init__(
            f"The password is too short or too long: {least} to {most} characters are taken.",
            hint="A few random words do; `openssl rand -base64 18` makes one.",
        )


class UserExistsError(InputError):
    """An account is to be made a second time."""

    code = "user-exists"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is a user {name!r} already; nothing was changed.",
            hint=f"Change the password with `lakeward user passwd {name}`.",
        )


class UnknownUserError(InputError):
    """No account has the name."""

    code = "unknown-user"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no user {name!r} who may sign in.",
            hint=f"List the users with `lakeward user list`, or make one: `lakeward user add {name}`.",
        )


class UnknownTokenError(InputError):
    """No token of the user has the id, or it was revoked before."""

    code = "unknown-token"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} has no token of that id that could be revoked.",
            hint="List the tokens and their ids with `lakeward user list --tokens`.",
        )
