"""The one tree of errors.

```text
LakewardError            .code  .hint  .exit_code     catch this to catch everything below
├── InputError           the caller can mend it                                      2
│   ├── PolicyError      file, line, column of a policy document (lakeward.policies)
│   └── ContractError    … of a contract (lakeward.contracts)
├── DeniedError          policy said no, or it does not exist: one message for both   3
├── CheckFailedError     contract, policy test, audit verify                          1
├── BreakingChangeError  4        └── PrivacyBreakingChangeError                      5
└── UnavailableError     engine, store, key or file out of reach                      6
```

A class takes facts and builds its own text: what was received, what is valid, what to do next. A text never
holds a data value, a literal of the user's SQL, a key, or a name that the caller may not see. A name that the
caller wrote may come back, whether it means something or not; of one that means nothing, `recorded` has none.
"""

import enum
from typing import ClassVar


class ExitCode(enum.IntEnum):
    """What a finished command tells the shell."""

    DONE = 0
    CHECK_FAILED = 1
    INVALID = 2
    DENIED = 3
    BREAKING = 4
    PRIVACY_BREAKING = 5
    UNAVAILABLE = 6


class LakewardError(Exception):
    """Anything that lakeward raises on purpose.

    Attributes:
        code: A stable name for programs, in kebab case.
        hint: What to do next, or None.
        recorded: What the audit log has of it: the message, without any name that only the caller wrote.
        exit_code: What the command line exits with.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[ExitCode] = ExitCode.UNAVAILABLE

    def __init__(self, message: str, *, hint: str | None = None, recorded: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.recorded = recorded or message


class InputError(LakewardError):
    """What the caller gave is not valid; the caller can mend it."""

    code = "invalid-input"
    exit_code = ExitCode.INVALID


class DeniedError(LakewardError):
    """Policy said no, or the thing does not exist: the caller cannot tell which."""

    code = "denied"
    exit_code = ExitCode.DENIED


class CheckFailedError(LakewardError):
    """A contract, a policy test or the verification of the audit chain failed."""

    code = "check-failed"
    exit_code = ExitCode.CHECK_FAILED


class BreakingChangeError(LakewardError):
    """A change that breaks those who rely on the data."""

    code = "breaking-change"
    exit_code = ExitCode.BREAKING


class PrivacyBreakingChangeError(BreakingChangeError):
    """A change after which somebody may see more than before."""

    code = "privacy-breaking-change"
    exit_code = ExitCode.PRIVACY_BREAKING


class UnavailableError(LakewardError):
    """An engine, a store, a key or a file is out of reach."""

    code = "unavailable"
    exit_code = ExitCode.UNAVAILABLE
