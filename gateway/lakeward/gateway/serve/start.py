"""From a lake and the words of a command line to a service that can be opened."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from lakeward.catalog.lake import Lake
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.log import ServiceLog
from lakeward.gateway.doors.metrics import Metrics
from lakeward.gateway.doors.tls import Tls
from lakeward.gateway.identity.identities import Identities
from lakeward.gateway.identity.settings import identity_settings
from lakeward.gateway.serve.certificate import check_certificate, lake_certificate
from lakeward.gateway.serve.service import Service
from lakeward.gateway.serve.settings import Address, ServeSettings, serve_settings
from lakeward.gateway.service import open_gateway


@dataclass(frozen=True, slots=True)
class Started:
    """A service, how long it may drain, and its log."""

    service: Service
    drain_seconds: float
    log: ServiceLog


def start(
    lake: Lake, asked: Mapping[str, str | None], *, insecure_loopback: bool, sink: Callable[[str], object]
) -> Started:
    """Make the service of a lake; nothing listens yet.

    Args:
        lake: The lake.
        asked: By door, the address that the command line gave; where it gave none, `lakeward.toml` may.
        insecure_loopback: Whether the doors speak plaintext, on loopback addresses alone.
        sink: Takes lines of log.

    Raises:
        LakewardError: A setting, the certificate, the policies or the engine cannot be used.
    """
    settings = serve_settings(lake)
    doors = {
        name: Address.parse(text)
        for name, given in asked.items()
        if (text := given or getattr(settings, name)) is not None
    }
    tls = None if insecure_loopback else _checked(lake, settings, doors)
    with ExitStack() as opened:
        context = DoorContext(
            gateway=opened.enter_context(open_gateway(lake, workers=True)),
            identities=Identities(lake),
            tls=tls,
            insecure_loopback=insecure_loopback,
            metrics=Metrics(),
            log=ServiceLog(sink),
        )
        service = Service(context, doors)
        opened.pop_all()  # from here on the service closes it
    return Started(service, settings.drain_seconds, context.log)


def certificate_of(lake: Lake) -> Tls:
    """Give the certificate that a lake's doors show, made if need be."""
    return _certificate(lake, serve_settings(lake), {})


def _checked(lake: Lake, settings: ServeSettings, doors: Mapping[str, Address]) -> Tls:
    tls = _certificate(lake, settings, doors)
    check_certificate(tls)
    authorities = identity_settings(lake).certificates
    return replace(tls, client_ca=lake.root / authorities.ca) if authorities else tls


def _certificate(lake: Lake, settings: ServeSettings, doors: Mapping[str, Address]) -> Tls:
    if settings.certificate is not None and settings.key is not None:
        return Tls(certificate=lake.root / settings.certificate, key=lake.root / settings.key)
    hosts = {each.host for each in doors.values()} - {"0.0.0.0", "::"}  # noqa: S104  no names of a machine
    return lake_certificate(lake, hosts)
