"""What Edge has to be told where calls run in it: open the call page, and nothing else.

One text per deployment with ``assist: {runs_in: browser, origin: ...}``, for whoever sets policies of Edge in a
management service. Names and values are those of the browser's own reference. That HoloLens 2 obeys each of them
is promised nowhere, so the text says what to look at on one headset before the others get it.

Source: Microsoft Edge browser policy reference (URLBlocklist, URLAllowlist, VideoCaptureAllowedUrls,
AudioCaptureAllowedUrls, AutoplayAllowlist, InPrivateModeAvailability, WebRtcUdpPortRange); 'New Microsoft Edge' of
the HoloLens documentation, which names no policy as sure but EnterpriseModeSiteList and
EnterpriseSiteListServiceURL as not working.
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.files.made import TEXT, Made
from holofleet.resources import State
from holofleet.resources.path_part import path_part
from holofleet.spec import Spec

UDP_PORTS = "10000-11999"
"""Range of the browser's own example; a site's firewall sheet may name another."""
_SIGN_IN = ("https://login.microsoftonline.com", "https://login.windows.net")


def write(spec: Spec, _state: State) -> Iterator[Made]:
    """Yield a text for each deployment whose calls run in a confined browser."""
    for deployment in spec.deployments():
        assist = deployment.settings.assist
        if (
            assist is None
            or assist.runs_in != "browser"
            or assist.origin is None
            or assist.product == "remote-assist"
        ):
            continue
        yield Made(
            f"browser/{path_part(deployment.name)}/edge-policies.txt",
            _text(deployment.name, assist.origin),
            TEXT,
            "policies of Edge that confine the browser to the call page, for whoever sets them",
        )


def _text(name: str, origin: str) -> str:
    rows = [
        ("URLBlocklist", "*"),
        *(("URLAllowlist", address) for address in (origin, *_SIGN_IN)),
        ("VideoCaptureAllowedUrls", origin),
        ("AudioCaptureAllowedUrls", origin),
        ("AutoplayAllowlist", origin),
        ("InPrivateModeAvailability", "1"),
        ("WebRtcUdpPortRange", UDP_PORTS),
    ]
    width = max(len(policy) for policy, _ in rows)
    return "\n".join(
        [
            f"Edge policies for deployment {name}",
            "",
            "Set these in your management service (in Intune: settings catalog, Microsoft Edge) for its headsets:",
            "",
            *(f"  {policy:<{width}}  {value}" for policy, value in rows),
            "",
            "No document promises that HoloLens 2 obeys each of them. Before the others get them, on one headset:",
            "",
            "  1. Open edge://policy: every line above is listed, without an error.",
            f"  2. Open {origin}: the page of calls comes, and asks for neither camera nor microphone.",
            "  3. Open any other address, and a new InPrivate window: both are refused.",
            "  4. Attest EXT-39 in the fleet file: who looked, when, and what was seen.",
            "",
        ]
    )
