"""Addresses that no other machine reaches."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether a host is reached from this machine alone; of names only `localhost` counts."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
