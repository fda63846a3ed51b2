"""How a server was started, for its settings pages: every value with where it comes from, and no secret."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from holofleet import __version__
from holofleet.cli.calls import NO_RELAYS, TurnFlags
from holofleet.cli.sign_in import NO_PROVIDER, ProviderFlags
from holofleet.cli.telling import PUBLIC_ONLY, WebhookFlags

if TYPE_CHECKING:
    from holofleet.cli.addresses import Addresses
    from holofleet.cli.services import Wired
    from holofleet.server.pki import Certificate
    from holofleet.web.limits import Limits, Rate
    from holofleet.web.setup import Fact, SetupSection, Source


@dataclass(frozen=True, kw_only=True)
class Started:
    """What was said on the command line; what a demonstration says is the default."""

    metrics: bool = False
    database: bool = False
    kek_file: bool = False
    secrets: Path | None = None
    two_person_plans: bool = False
    checkpoints_to: str | None = None
    sign_in: ProviderFlags = NO_PROVIDER
    relays: TurnFlags = NO_RELAYS
    recordings: Path | None = None
    webhooks: WebhookFlags = PUBLIC_ONLY
    kiosk_passkeys: str = "carried"


NOTHING_SAID = Started()


def setup_of(wired: Wired, where: Addresses, limits: Limits, started: Started) -> tuple[SetupSection, ...]:
    """Return the facts of a server, section by section."""
    from holofleet.web.setup import SetupSection

    return (
        SetupSection("server", "Server", tuple(_server(wired, started))),
        SetupSection("addresses", "Addresses and certificates", tuple(_addresses(wired, where))),
        SetupSection("sign-in", "Signing in", tuple(_sign_in(started))),
        SetupSection("headset-pages", "Pages on headsets, calls", tuple(_headset_pages(where, started))),
        SetupSection("limits", "Limits", tuple(_limits(limits))),
        SetupSection("retention", "Retention", tuple(_retention())),
        SetupSection("approvals", "Second person", tuple(_approvals(started))),
        SetupSection("audit", "Audit", tuple(_audit(started))),
        SetupSection("about", "About", tuple(_about(wired))),
    )


def _said(value: object) -> Source:
    from holofleet.web.setup import Source

    return Source.COMMAND_LINE if value else Source.DEFAULT


def _server(wired: Wired, started: Started) -> Iterator[Fact]:
    from holofleet.web.setup import Fact, Source

    installation = wired.installation
    yield Fact("Data folder", str(installation.folder), Source.COMMAND_LINE, "--data", machine=True)
    store = "PostgreSQL" if started.database else "SQLite in the data folder"
    yield Fact("Database", store, _said(started.database), "--database", "Its address may hold a password.")
    kept = "in a file kept elsewhere" if started.kek_file else "in the data folder"
    note = "" if started.kek_file else "Whoever copies the folder has the key with it."
    yield Fact("Key encryption key", kept, _said(started.kek_file), "--kek-file", note)
    folder = "none" if started.secrets is None else str(started.secrets)
    yield Fact(
        "Folder of secrets", folder, _said(started.secrets), "--secrets", machine=started.secrets is not None
    )
    answers = "answers on loopback" if started.metrics else "off"
    yield Fact("Metrics (/metrics)", answers, _said(started.metrics), "--metrics")
    inner = ", ".join(started.webhooks.webhooks_to)
    reached = f"public addresses and {inner}" if inner else "public addresses"
    yield Fact("Webhooks reach", reached, _said(inner), "--webhooks-to", "Which there are: Settings, Webhooks.")
    yield Fact("Installation", installation.id, Source.FOLDER, machine=True)
    note = "Raised by a restore: sessions and approvals of before do not count any more."
    yield Fact("Epoch", str(installation.epoch), Source.FOLDER, note=note)


def _addresses(wired: Wired, where: Addresses) -> Iterator[Fact]:
    from holofleet.cli.addresses import DEFAULT_LISTEN
    from holofleet.server.installation.authorities import read_certificate
    from holofleet.web.setup import Fact, Source

    installation = wired.installation
    host, port = where.listen
    usual = Source.DEFAULT if f"{host}:{port}" == DEFAULT_LISTEN else Source.COMMAND_LINE
    next_port = Source.DEFAULT if where.device == (host, port + 1) else Source.COMMAND_LINE
    yield Fact("People, first enrollment, API", _listens(where.listen), usual, "--listen", machine=True)
    yield Fact("Headsets", _listens(where.device), next_port, "--device-listen", machine=True)
    for title, authority, flag in (
        ("Address handed out", where.url, "--url"),
        ("Address handed out to headsets", where.device_url, "--device-url"),
    ):
        shown = authority.origin if authority is not None else "that of the request"
        yield Fact(title, shown, _said(authority), flag, machine=authority is not None)
    proxies = ", ".join(where.behind)
    note = "What they say about who calls is believed (PROXY protocol 2)." if proxies else ""
    yield Fact("Proxies in front", proxies or "none", _said(proxies), "--behind", note, machine=bool(proxies))
    names = ", ".join(sorted(installation.tls_names))
    yield Fact("Names in our certificate", names, Source.FOLDER, note="A request under another name gets 400.")
    served = read_certificate(installation.tls_certificate)
    if served is not None:
        yield _certificate("Certificate of this server", served, "It is renewed when the server starts.")
    root = read_certificate(installation.ca_certificate)
    if root is not None:
        yield _certificate("CA of this server", root, "Whoever trusts it trusts this server: browsers, headsets.")
    judge = installation.device_ca.certificate
    yield _certificate("CA of headsets", judge, "It signs what headsets prove themselves with, and nothing else.")


def _certificate(title: str, certificate: Certificate, note: str) -> Fact:
    from holofleet.web.setup import Fact, Source

    return Fact(
        title, f"SHA-256 {certificate.sha256}", Source.FOLDER, note=note, ends=certificate.not_after, machine=True
    )


def _sign_in(started: Started) -> Iterator[Fact]:
    from holofleet.server.access.service import ABSOLUTE, FRESH, IDLE, LINK_LIFE
    from holofleet.web.setup import Fact, Source

    flags = started.sign_in
    issuer = flags.oidc_issuer or "none"
    yield Fact(
        "OpenID provider", issuer, _said(flags.oidc_issuer), "--oidc-issuer", machine=bool(flags.oidc_issuer)
    )
    if flags.oidc_issuer:
        yield Fact("Called on the button", flags.oidc_name, _said(flags.oidc_name), "--oidc-name")
        yield Fact(
            "What it calls us", flags.oidc_client_id or "", Source.COMMAND_LINE, "--oidc-client-id", machine=True
        )
        proof = "a certificate and its key" if flags.oidc_key else "a client secret"
        yield Fact(
            "We prove ourselves by",
            proof,
            Source.COMMAND_LINE,
            "--oidc-key" if flags.oidc_key else "--oidc-secret",
        )
        judge = "those of this machine" if flags.oidc_ca is None else str(flags.oidc_ca)
        own = flags.oidc_ca is not None
        yield Fact("CAs trusted for it", judge, _said(flags.oidc_ca), "--oidc-ca", machine=own)
    yield Fact("Passkeys", "always", Source.BUILT_IN, note="Not where the console is opened by an IP address.")
    yield Fact("A session ends", f"after {_span(IDLE)} without a page, {_span(ABSOLUTE)} in all", Source.BUILT_IN)
    yield Fact("Heavy acts ask again", f"{_span(FRESH)} after somebody proved to be there", Source.BUILT_IN)
    yield Fact("A one-time link lives", _span(LINK_LIFE), Source.BUILT_IN)


def _headset_pages(where: Addresses, started: Started) -> Iterator[Fact]:
    from holofleet.server.custody.at_headset import CODE_LIFE, PAIRED_LIFE, SECRET_LIFE
    from holofleet.web.setup import Fact, Source

    own = where.assist is not None
    apart = where.assist.origin if where.assist is not None else "the console's own"
    note = "" if where.assist else "A name of their own keeps a flaw in one of them away from the console."
    yield Fact("Address of their own", apart, _said(where.assist), "--assist-origin", note, machine=own)
    kinds = {
        "carried": "security keys and phones that people carry",
        "any": "also those that the headset keeps",
        "none": "no passkeys",
    }
    kind = started.kiosk_passkeys
    said = Source.DEFAULT if kind == "carried" else Source.COMMAND_LINE
    note = ""
    if where.assist is not None and kind != "none":
        note = "People's passkeys are of the console's name: --url names it, and it answers at port 443."
    yield Fact("A headset is taken by passkey", kinds[kind], said, "--kiosk-passkeys", note)
    yield Fact("A code on a headset counts", _span(CODE_LIFE), Source.BUILT_IN)
    kept = f"{_span(PAIRED_LIFE)} after its last use; its secret changes after {_span(SECRET_LIFE)}"
    yield Fact("A browser of a headset stays paired", kept, Source.BUILT_IN)
    folder = started.recordings
    note = "" if folder else "Nothing is recorded, whatever the fleet file allows."
    shown = "none" if folder is None else str(folder)
    machine = folder is not None
    yield Fact("Folder of recordings", shown, _said(folder), "--recordings", note, machine=machine)
    urls, file = started.relays.turn_url, started.relays.turn_secret_file
    note = "" if urls else "Calls go from browser to browser only: not through most firewalls."
    yield Fact("Relays of calls", ", ".join(urls) or "none", _said(urls), "--turn-url", note, machine=bool(urls))
    if file is not None:
        yield Fact("Secret of the relays", str(file), Source.COMMAND_LINE, "--turn-secret-file", machine=True)


def _limits(limits: Limits) -> Iterator[Fact]:
    from holofleet.web.limits import Limits as Budget
    from holofleet.web.setup import Fact, Source

    usual = Budget()
    connection = limits.connection
    rows = (
        (
            "TLS handshakes from one address",
            _rate(connection.handshakes),
            connection.handshakes == usual.connection.handshakes,
        ),
        ("Connections open at once, a listener", f"{connection.connections:,}", True),
        ("Discovery, from one address", _rate(limits.discovery.rate), limits.discovery == usual.discovery),
        ("Enrollment, from one address", _rate(limits.enrollment.rate), limits.enrollment == usual.enrollment),
        ("Certificates issued at once", f"{limits.issuances_at_once}, {limits.issuances_waiting} more wait", True),
        ("Management sessions of one headset", _rate(limits.sessions), limits.sessions == usual.sessions),
        ("Calls of one API token", _rate(limits.api.rate), limits.api == usual.api),
        ("Provisioning (SCIM) of one token", _rate(limits.scim.rate), limits.scim == usual.scim),
        ("Rows of one answer", f"{limits.page:,}", True),
    )
    for title, value, as_usual in rows:
        source = Source.BUILT_IN if as_usual else Source.COMMAND_LINE
        yield Fact(title, value, source, note="" if as_usual else "Raised for simulated headsets.")


def _retention() -> Iterator[Fact]:
    from holofleet.server.audit.retention import SHORTEST
    from holofleet.server.fleet.upkeep import KEPT_ANSWERS, KEPT_EVENTS, LOST_LIFE
    from holofleet.web.setup import Fact, Source

    yield Fact("What headsets did (timelines)", _span(KEPT_EVENTS), Source.BUILT_IN)
    yield Fact("Answers kept for a repeated message", _span(KEPT_ANSWERS), Source.BUILT_IN)
    yield Fact("Certificate of a lost headset", f"revoked after {_span(LOST_LIFE)}", Source.BUILT_IN)
    note = "`holofleet audit cut` takes older ones away, with a proof of what was there."
    yield Fact(
        "Audit log", f"everything; nothing younger than {_span(SHORTEST)} is ever cut", Source.BUILT_IN, note=note
    )


def _approvals(started: Started) -> Iterator[Fact]:
    from holofleet.server.approvals.bulk import MOST
    from holofleet.server.approvals.values import COOLING, LIFE
    from holofleet.web.setup import Fact, Source

    two = "two people" if started.two_person_plans else "one person"
    yield Fact("A plan takes", two, _said(started.two_person_plans), "--two-person-plans")
    note = "Wipes and unenrollments beyond what one person may do in a day need a second one."
    yield Fact("Destructive orders", "limited for each person and for all together", Source.BUILT_IN, note=note)
    yield Fact("A request lives", _span(LIFE), Source.BUILT_IN)
    yield Fact("Between approval and doing", f"at least {_span(COOLING)}", Source.BUILT_IN)
    yield Fact("Headsets of one bulk order", f"at most {MOST:,}", Source.BUILT_IN)


def _audit(started: Started) -> Iterator[Fact]:
    from holofleet.server.audit.retention import EVERY, EVERY_RECORDS
    from holofleet.web.setup import Fact, Source

    place = started.checkpoints_to
    note = "" if place else "Without a place outside, whoever owns this machine could rewrite the whole log."
    yield Fact(
        "Checkpoints go to", place or "nowhere", _said(place), "--checkpoints-to", note, machine=bool(place)
    )
    yield Fact("A checkpoint is signed", f"every {EVERY_RECORDS:,} records or {_span(EVERY)}", Source.BUILT_IN)


def _about(wired: Wired) -> Iterator[Fact]:
    from holofleet.web.setup import Fact, Source

    yield Fact("holofleet", __version__, Source.BUILT_IN)
    yield Fact("Python", platform.python_version(), Source.BUILT_IN)
    yield Fact("Database", wired.database.dialect, Source.BUILT_IN)
    yield Fact("System", f"{platform.system()} {platform.machine()}", Source.BUILT_IN)


def _listens(where: tuple[str, int]) -> str:
    host, port = where
    return f"{host}:{port}" if port else f"{host}, a free port"


def _rate(rate: Rate) -> str:
    often = f"{rate.per_s:g} a second" if rate.per_s >= 1 else f"{rate.per_s * 60:g} a minute"
    return f"{often}, {rate.burst:,} at once"


def _span(span: timedelta) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        number = span.total_seconds() / length
        if number >= 1 and number == int(number):
            return f"{int(number)} {unit}" if number == 1 else f"{int(number)} {unit}s"
    return f"{span.total_seconds():g} seconds"
