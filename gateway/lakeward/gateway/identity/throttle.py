"""How often somebody may fail: a budget to each name, address and pair of both, in bounded memory.

A failure costs its budgets one, and time gives it back. Who is out of budget is refused without being asked,
so that more connections buy no more guesses: failures that were under way together put a budget into debt. A
name's own budget guards against many addresses that each guess a little; an address from which that name came
in before is exempt from it, so that an attacker cannot keep a user out who is at their usual place.
"""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_KEPT = 20_000
_MOST_DEBT = 100.0
_LONGEST = 128  # characters of a name, however long what was sent


@dataclass(frozen=True, slots=True)
class Budget:
    """So many failures at once, and one more every `seconds`."""

    failures: int
    seconds: float


PAIR, ADDRESS, NAME = Budget(10, 10.0), Budget(30, 2.0), Budget(100, 6.0)


class Throttle:
    """Counts failures; safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, kept: int = _KEPT) -> None:
        self._clock = clock
        self._kept = kept
        self._left: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def may_try(self, name: str | None, peer: str) -> bool:
        """Tell whether a name may be tried from an address.

        None is for proofs that nobody guesses: tokens, bearers, certificates. Their failures are counted
        apart, or a program with a token that has expired would keep the people beside it out.
        """
        with self._lock:
            return all(self._remaining(key, budget) >= 1.0 for key, budget in self._budgets(name, peer))

    def failed(self, name: str | None, peer: str) -> bool:
        """Count a failure; tell whether it was the one that used a budget up."""
        with self._lock:
            before = [
                (key, budget, self._remaining(key, budget)) for key, budget in self._budgets(name, peer)
            ]
            for key, _, left in before:
                self._keep(key, max(left - 1.0, -_MOST_DEBT))
            return any(1.0 <= left < 2.0 for *_, left in before)  # noqa: PLR2004  one is spent just now

    def succeeded(self, name: str, peer: str) -> None:
        """Remember that a name came in from an address."""
        with self._lock:
            self._known[name, _network(peer)] = None
            self._known.move_to_end((name, _network(peer)))
            while len(self._known) > self._kept:
                self._known.popitem(last=False)

    def _budgets(self, name: str | None, peer: str) -> list[tuple[tuple[str, ...], Budget]]:
        network = _network(peer)
        if name is None:
            return [(("proof", network), ADDRESS)]
        budgets: list[tuple[tuple[str, ...], Budget]] = [(("address", network), ADDRESS)] if network else []
        budgets.append((("pair", name[:_LONGEST], network), PAIR))
        if (name, network) not in self._known:
            budgets.append((("name", name[:_LONGEST]), NAME))
        return budgets

    def _remaining(self, key: tuple[str, ...], budget: Budget) -> float:
        left, at = self._left.get(key, (float(budget.failures), 0.0))
        return min(float(budget.failures), left + (self._clock() - at) / budget.seconds)

    def _keep(self, key: tuple[str, ...], left: float) -> None:
        self._left[key] = (left, self._clock())
        self._left.move_to_end(key)
        while len(self._left) > self._kept:
            self._left.popitem(last=False)


def _network(peer: str) -> str:
    """Take an IPv6 address as its /64, which one machine may have all of; shorten what is no address."""
    try:
        address = ipaddress.ip_address(peer.strip("[]").partition("%")[0])
    except ValueError:
        return peer[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)
