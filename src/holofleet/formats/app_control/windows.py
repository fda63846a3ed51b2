"""Who signs Windows, drivers and Store apps: the base that the vendor documents for headsets.

A policy on this base runs what these signed and nothing else; apps of your own need their signer beside them. The
vendor's example names the signers of test and flighting builds too; they are kept, so that a headset in the
preview program still starts.

Source: the vendor's example policies for Windows, as its documentation prints them. Not tried on a headset.
"""

from __future__ import annotations

from typing import NamedTuple

from holofleet.formats.app_control.model import RootKind, Signer

_EKUS = {
    "windows": "010A2B0601040182370A0306",
    "whql": "010A2B0601040182370A0305",
    "elam": "010A2B0601040182373D0401",
    "hal": "010A2B0601040182373D0501",
    "rt": "010A2B0601040182370A0315",
    "store": "010A2B0601040182374C0301",
    "dcodegen": "010A2B0601040182374C0501",
    "am": "010A2B0601040182374C0B01",
}
"""What a certificate is for, as the policy writes it: DER with 01 in the place of the tag."""

_STORE = "FC9EDE3DCCA09186B2D3BF9B738A2050CB1A554DA2DCADB55F3F72EE17721378"
"""Hash of the certificate that issues those of the Store."""

_ROOTS = {4: "1997", 5: "2001", 6: "2010", 7: "2011", 10: "test", 12: "media", 14: "flighting"}
_EVERYWHERE = ((6, "windows"), (6, "elam"), (6, "hal"), (6, "whql"), (5, "whql"), (4, "whql"))
_PREVIEW = ((14, "windows"), (14, "elam"), (14, "hal"), (14, "whql"), (10, ""))
_PEOPLE = ((6, "rt"), (7, "rt"), (14, "rt"), (6, "dcodegen"), (7, "am"), (12, ""))


class Signatures(NamedTuple):
    """The signers of Windows, and who of them counts where."""

    ekus: tuple[bytes, ...]
    signers: tuple[Signer, ...]
    kernel: tuple[int, ...]
    user: tuple[int, ...]
    store: int


def signatures() -> Signatures:
    """Return the signers; each stands once for the kernel and once for people, as in the vendor's example."""
    ekus = list(_EKUS)
    kernel = [_known(root, eku, ekus, "KERNEL") for root, eku in (*_EVERYWHERE, *_PREVIEW)]
    user = [_known(root, eku, ekus, "USER") for root, eku in (*_EVERYWHERE, *_PREVIEW, *_PEOPLE)]
    store = Signer(
        RootKind.TBS, bytes.fromhex(_STORE), ekus=(ekus.index("store"),), id="ID_SIGNER_STORE", name="Store"
    )
    everyone = (*kernel, *user, store)
    count = len(kernel)
    return Signatures(
        ekus=tuple(bytes.fromhex(value) for value in _EKUS.values()),
        signers=everyone,
        kernel=tuple(range(count)),
        user=tuple(range(count, len(everyone))),
        store=len(everyone) - 1,
    )


def _known(root: int, eku: str, ekus: list[str], where: str) -> Signer:
    name = f"{_ROOTS[root]} root" + (f", {eku}" if eku else "")
    mark = "_".join(part for part in (_ROOTS[root], eku, where) if part).upper()
    places = (ekus.index(eku),) if eku else ()
    return Signer(RootKind.WELL_KNOWN, well_known=root, ekus=places, id=f"ID_SIGNER_R_{mark}", name=name)
