"""``holofleet relay``: the media relay that calls fall back to (coturn), its configuration and its firewall."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from holofleet.cli.output import CLEAN, note

app = App(name="relay", help="The media relay of calls (coturn): write its configuration and its firewall.")


@app.command
def config(
    *,
    realm: Annotated[str, Parameter(help="Host name at which callers reach it, such as turn.contoso.com.")],
    address: Annotated[str, Parameter(help="IP address that it listens on and sends media from.")],
    out: Annotated[Path, Parameter(help="Folder for the files.")],
    secret_file: Annotated[
        Path | None, Parameter(help="Secret shared with `serve`; made where there is none. Default: OUT/secret.")
    ] = None,
    public: Annotated[str, Parameter(help="Address that the world sees, behind a router that translates.")] = "",
    port: Annotated[int, Parameter(help="UDP and TCP port.")] = 3478,
    tls_port: Annotated[int, Parameter(help="TLS port; 443 where sites let nothing else out.")] = 5349,
    media_ports: Annotated[str, Parameter(help="UDP ports of media, FIRST-LAST.")] = "49152-50151",
    certificate: Annotated[str, Parameter(help="Certificate for TLS, as the relay will find it.")] = "",
    key: Annotated[str, Parameter(help="Key of the certificate.")] = "",
    reach: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            help="Network beside the public internet that callers may reach, such as a plant's media subnet.",
        ),
    ] = (),
    sessions: Annotated[int, Parameter(help="Relayed sessions at once.")] = 1000,
    rotate: Annotated[
        bool, Parameter(negative="", help="Make a new secret, and keep the former until its credentials ran out.")
    ] = False,
) -> int:
    """Write turnserver.conf and egress.nft, and the secret that `holofleet serve --turn-secret-file` shares."""
    from holofleet.formats.media_relay import Relay, configuration, egress
    from holofleet.server.installation.private import write_private

    out.mkdir(parents=True, exist_ok=True)
    kept = secret_file or out / "secret"
    relay = Relay(
        realm=realm,
        address=address,
        public=public,
        port=port,
        tls_port=tls_port,
        relay_ports=_range(media_ports),
        certificate=certificate,
        key=key,
        reachable=reach,
        sessions=sessions,
        secrets=_secrets(kept, rotate=rotate),
    )
    write_private(out / "turnserver.conf", configuration(relay).encode())
    write_private(out / "egress.nft", egress(relay).encode())
    note(f"{out / 'turnserver.conf'}: for coturn (/etc/turnserver.conf), owned by its user")
    note(f"{out / 'egress.nft'}: load it before the relay starts: nft -f {out / 'egress.nft'}")
    note(f"{kept}: name it to the server: holofleet serve --turn-secret-file {kept}")
    return CLEAN


def _range(text: str) -> tuple[int, int]:
    from holofleet.errors import InputError

    first, dash, last = text.partition("-")
    if not (dash and first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        raise InputError(f"not a range of ports: {text[:40]!r}", mend="Write such as 49152-50151.")
    return int(first), int(last)


def _secrets(path: Path, *, rotate: bool) -> tuple[str, ...]:
    """Return the secrets of a file, newest first; make one where there is none.

    Raises:
        InputError: the file can be read by others than its owner.
    """
    import secrets

    from holofleet.server.installation.private import read_private, write_private

    found = read_private(path).decode("ascii", "replace").split() if path.exists() else []
    if rotate or not found:
        found = [secrets.token_urlsafe(32), *found[:1]]
        write_private(path, ("\n".join(found) + "\n").encode())
    return tuple(found[:2])
