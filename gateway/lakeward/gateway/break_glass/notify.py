"""Telling others of emergency access: a line in the log, a command, a webhook. No data value, no reason.

A notice that cannot be delivered does not hold up an emergency; the audit record says that it was not.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lakeward.catalog.config import CONFIG_FILE, InvalidConfigError
from lakeward.catalog.lake import Lake
from lakeward.gateway.loopback import is_loopback

_PATH = "/usr/local/bin:/usr/bin:/bin"


class NotifySettings(BaseModel):
    """`[gateway.break_glass]` of `lakeward.toml`.

    Attributes:
        command: A program and its arguments; it reads one JSON object from its standard input.
        url: Where the same object is posted; https, or http on loopback.
        seconds: How long either may take.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: list[str] = []
    url: str = ""
    seconds: float = Field(default=10.0, gt=0, le=60)

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        parts = urlsplit(url)
        is_near = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if url and not (parts.hostname and (parts.scheme == "https" or is_near)):
            raise ValueError("is no https:// address (http:// is for loopback alone)")
        return url


class Notifier:
    """Tells others, by every means that the lake's settings name."""

    def __init__(self, lake: Lake, sink: Callable[[str], object] | None = None) -> None:
        self._settings = _settings(lake)
        self._lake = lake.config.name
        self._sink = sink or _to_stderr

    def tell(self, what: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
        """Tell, and give each means with whether it was delivered."""
        notice = json.dumps({"event": f"break-glass-{what}", "lake": self._lake, **facts}, ensure_ascii=True)
        self._sink(notice + "\n")
        if self._settings.command:
            yield "command", self._run(notice)
        if self._settings.url:
            yield "url", self._post(notice)

    def _run(self, notice: str) -> bool:
        try:
            done = subprocess.run(  # noqa: S603  the lake's owner wrote the command; the notice is its input alone
                self._settings.command,
                input=notice.encode(),
                env={"PATH": _PATH},
                timeout=self._settings.seconds,
                capture_output=True,
                check=False,
            )
        except (OSError, ValueError, subprocess.SubprocessError):
            return False
        return done.returncode == 0

    def _post(self, notice: str) -> bool:
        request = urllib.request.Request(  # noqa: S310  `_is_safe` looked at the scheme
            self._settings.url, notice.encode(), {"Content-Type": "application/json"}, method="POST"
        )
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=self._settings.seconds) as reply:
                return bool(200 <= reply.status < 300)  # noqa: PLR2004  HTTP's success
        except (OSError, ValueError, HTTPException):  # the last where the answer is no HTTP
            return False


def _to_stderr(line: str) -> None:
    sys.stderr.write(line)
    sys.stderr.flush()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follow nothing: the address that was checked is the one that is told."""

    def redirect_request(self, *_: object) -> None:
        """Refuse."""


def _settings(lake: Lake) -> NotifySettings:
    try:
        return NotifySettings.model_validate(lake.config.gateway.get("break_glass", {}))
    except ValidationError as error:
        faults = [
            f"`gateway.break_glass.{'.'.join(map(str, each['loc']))}`: {each['msg']}"
            for each in error.errors(include_input=False)
        ]
        raise InvalidConfigError(lake.root / CONFIG_FILE, faults) from None
