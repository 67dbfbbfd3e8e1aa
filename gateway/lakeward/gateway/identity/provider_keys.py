"""The public keys of an identity provider, from a file or its URL, taken again when they may have changed."""

import base64
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol

from joserfc import jwk
from joserfc.errors import JoseError

_MOST_BYTES = 1 << 20
_SECONDS_TO_FETCH = 5.0
_SECONDS_BETWEEN_FETCHES = 10.0  # however many bearers name a key that nobody knows
_LEAST_RSA_BITS = 2048  # NIST SP 800-131A


class ProviderKeys(Protocol):
    """Gives keys by their id."""

    def find(self, key_id: str | None) -> jwk.Key | None:
        """Give the key of an id; without an id, the key if there is only one."""
        ...


class FileKeys:
    """The keys of a file, read again when it changes; a file that is broken or gone has none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._keys: dict[str, jwk.Key] = {}
        self._lock = threading.Lock()

    def find(self, key_id: str | None) -> jwk.Key | None:
        """See `ProviderKeys.find`."""
        with self._lock:
            try:
                stat = self._path.stat()
                if (stamp := (stat.st_mtime_ns, stat.st_ino)) != self._stamp:
                    self._keys, self._stamp = read_keys(self._path.read_bytes()), stamp
            except OSError:
                self._keys, self._stamp = {}, None
            return _chosen(self._keys, key_id)


class UrlKeys:
    """The keys that a provider publishes.

    They are fetched again when they are old, and when a bearer names one that is not among them, since that
    is how a new one is first met; not more often than every few seconds. While the provider does not answer,
    the last keys stay good for a day: its being out of reach must not shut everybody out, but a key that it
    took back must end.
    """

    most_stale_seconds = 86_400.0

    def __init__(self, url: str, refresh_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._refresh = refresh_seconds
        self._clock = clock
        self._keys: dict[str, jwk.Key] = {}
        self._fetched = self._tried = float("-inf")
        self._lock = threading.Lock()

    def find(self, key_id: str | None) -> jwk.Key | None:
        """See `ProviderKeys.find`."""
        with self._lock:
            now = self._clock()
            if now - self._fetched > self._refresh or _chosen(self._keys, key_id) is None:
                self._fetch(now)
            if now - self._fetched > self.most_stale_seconds:
                return None
            return _chosen(self._keys, key_id)

    def _fetch(self, now: float) -> None:
        if now - self._tried < _SECONDS_BETWEEN_FETCHES:
            return
        self._tried = now
        try:
            keys = read_keys(_get(self._url))
        except (OSError, HTTPException, ValueError):
            return
        if keys:
            self._keys, self._fetched = keys, now


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever may redirect may choose the keys."""

    def redirect_request(self, *_: Any, **__: Any) -> None:  # noqa: ANN401  the base's many arguments
        return None


def _get(url: str) -> bytes:
    """Fetch a URL, through no proxy and to no other place."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    with opener.open(url, timeout=_SECONDS_TO_FETCH) as answer:
        body: bytes = answer.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise ValueError("too long")
    return body


def read_keys(text: bytes) -> dict[str, jwk.Key]:
    """Read a JSON Web Key Set; what is no public key for signatures is left out, and so are weak ones."""
    try:
        members = json.loads(text)["keys"]
        found = [key for each in members if isinstance(each, dict) and (key := _key(each)) is not None]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {key.kid or key.thumbprint(): key for key in found}


def _key(member: Mapping[str, Any]) -> jwk.Key | None:
    if member.get("kty") not in {"RSA", "EC", "OKP"} or member.get("use", "sig") != "sig":
        return None  # an `oct` key is a shared secret: none belongs into a published set
    try:
        if member["kty"] == "RSA" and _bits(member["n"]) < _LEAST_RSA_BITS:
            return None
        key = jwk.import_key({name: each for name, each in member.items() if name != "key_ops"})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key


def _bits(number: str) -> int:
    """Count the bits of a number in base64url."""
    return int.from_bytes(base64.urlsafe_b64decode(number + "==")).bit_length()


def _chosen(keys: Mapping[str, jwk.Key], key_id: str | None) -> jwk.Key | None:
    if key_id is None:
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(key_id)
