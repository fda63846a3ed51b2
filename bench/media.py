"""What a call looks and feels like over bad links: our call and the browser's own defaults, on the same link.

Two pages with a camera whose frames carry their number talk through a real server, a real coturn and a link of a
known rate, delay and loss (:mod:`bench.link`), which media crosses twice: to the relay and from it. All runs on
one machine: delays are differences of one clock, and the encoder has its cores only, not a headset's hardware.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Literal

from bench.figures import Figure, Section
from bench.link import Way, link

SHARP, SHARP_ROWS = 0.7, 720
"""Contrast of fine stripes, and height, from which a picture counts as sharp. Both: what is made very small shows
false stripes in place of the true ones."""

FRAMES = 90
"""After so many the camera's numbers begin anew: three seconds, longer than any delay of interest."""

_PAGE = "<!doctype html><title>bench</title><video autoplay muted playsinline></video>"
_READABLE = "() => (lab.watched?.frames ?? []).some((frame) => frame.n >= 0)"
_FPS = 30


@dataclass(frozen=True, slots=True)
class Net:
    """A link by name.

    Args:
        way: Each crossing of it; there are two each way, so a round trip takes four times its delay.
        over: What passes: ``udp``, else only the relay's ``tcp`` or ``tls`` port, and the link has no limits.
    """

    name: str
    way: Way = field(default_factory=Way)
    over: Literal["udp", "tcp", "tls"] = "udp"


NETS = (
    Net("1.5 Mbit/s, 95 ms", Way(bit_per_s=1_500_000, delay_s=0.095 / 4)),
    Net("5 Mbit/s, 130 ms, 2 % lost", Way(bit_per_s=5_000_000, delay_s=0.130 / 4, jitter_s=0.002, loss=0.01)),
    Net("300 kbit/s, 250 ms", Way(bit_per_s=300_000, delay_s=0.250 / 4)),
    Net("UDP blocked", over="tcp"),
    Net("only TLS passes", over="tls"),
)
"""Loss is each crossing's: media crosses twice."""


@dataclass
class Seen:
    """What one call gave.

    Args:
        connected_s: From the expert's yes until media flows; ``None`` where it never did.
        sharp_s: From there until the first sharp picture.
        frames: ``(seconds since yes, columns, rows, number, sharpness)`` of each picture that was shown.
        delay_ms: Glass to glass, of each picture whose number the sender showed.
        mark_ms: What a message takes to the other side and back.
        path_ms: The path's round trip as the browser measures it.
    """

    connected_s: float | None
    path: str
    frames: list[tuple[float, int, int, int, float]]
    delay_ms: list[float]
    mark_ms: list[float]
    path_ms: float

    @property
    def sharp_s(self) -> float | None:
        """Seconds from the yes to the first sharp picture."""
        return next((frame[0] for frame in self.frames if frame[2] >= SHARP_ROWS and frame[4] >= SHARP), None)

    def rows(self, begin: float, end: float) -> float:
        """Return the median height of the picture between two moments."""
        return median([f[2] for f in self.frames if begin <= f[0] < end] or [0])

    def fps(self, begin: float, end: float) -> float:
        """Return pictures per second between two moments."""
        return sum(begin <= frame[0] < end for frame in self.frames) / (end - begin)


def media(folder: Path, *, seconds: float, nets: Sequence[Net] = NETS) -> list[Section]:
    """Measure each link: our call, then the browser's defaults."""
    with Lab(folder) as lab:
        return [_section(net, lab.ours(net, seconds), lab.plain(net, seconds), seconds) for net in nets]


class Lab:
    """A browser, a relay and a camera that calls are made with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._numbers = iter(range(1_000))

    def __enter__(self) -> Lab:
        from playwright.sync_api import sync_playwright
        from tests.assist_world import camera_browser
        from tests.fake_camera import write_camera
        from tests.turn_server import coturn
        from tests.web_server import key_of, trust

        self._folder.mkdir(parents=True, exist_ok=True)
        camera = write_camera(self._folder / "camera.y4m", frames=FRAMES)
        files = trust().server
        certificate, key = str(files.certificate_file), str(files.key_file)
        relay = coturn(self._folder / "relay", loopback_peers=True, certificate=certificate, key=key)
        self._relay = self._stack.enter_context(relay)
        playwright = self._stack.enter_context(sync_playwright())
        # Of a relay's certificate, too, Chromium wants an authority that it knows; it takes this one by its key.
        self._browser = camera_browser(
            playwright, camera, f"--ignore-certificate-errors-spki-list={key_of(files)}"
        )
        self._stack.callback(self._browser.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ours(self, net: Net, seconds: float, *, patience_s: float = 0) -> Seen:
        """Call through our server with our modules, and wait longer where no picture has come that can be read."""
        from tests.assist_world import assist_world
        from tests.turn_server import SECRET

        from holofleet.server.assist import TurnServers
        from holofleet.web.assist.assets import assist_asset_url

        with self._urls(net) as urls:
            relays = TurnServers(urls, lambda: (SECRET.encode(),))
            folder = self._folder / f"server-{next(self._numbers)}"
            folder.mkdir()
            with assist_world(folder, relays=relays) as served:
                base = served.address + assist_asset_url("call.js").rsplit("/", 1)[0]
                with (
                    self._page(served.address, served.device_cookie("100")) as headset,
                    self._page(served.address, served.session_cookie("megan@contoso.com")) as expert,
                ):
                    expert.evaluate("([base]) => lab.ours(base, 'expert', false)", [base])
                    headset.evaluate("([base]) => lab.ours(base, 'headset', true)", [base])
                    headset.evaluate("(to) => lab.invite(to)", served.key("megan@contoso.com"))
                    say = "(message) => lab.call.say(message)"
                    return self._seen(headset, expert, seconds, say, patience_s=patience_s)

    def plain(self, net: Net, seconds: float) -> Seen:
        """Call with what the browser does by itself."""
        from tests.turn_client import credential
        from tests.turn_server import SECRET

        with self._urls(net) as urls, self._page() as headset, self._page() as expert:
            # A user of its own for each call: the relay counts what one user holds, and frees it minutes later.
            name, password = credential(SECRET, int(time.time()) + 600, f"bench:{next(self._numbers)}")
            server = {"urls": list(urls), "username": name, "credential": password}
            configuration = {"iceServers": [server], "iceTransportPolicy": "relay"}
            for page, camera in ((headset, True), (expert, False)):
                page.evaluate("([c, camera]) => lab.plain(c, camera)", [configuration, camera])
            expert.evaluate("() => (lab.accepted = lab.now())")
            offer = headset.evaluate("() => lab.describe(null)")
            answer = expert.evaluate("(offer) => lab.describe(offer)", offer)
            headset.evaluate("(answer) => lab.describe(answer)", answer)
            return self._seen(
                headset,
                expert,
                seconds,
                "(message) => lab.say(message)",
                meanwhile=lambda: _trickle(headset, expert),
            )

    @contextmanager
    def _urls(self, net: Net) -> Iterator[tuple[str, ...]]:
        host, port = self._relay.address
        if net.over == "tls":
            yield (f"turns:localhost:{self._relay.tls_port}?transport=tcp",)
            return
        if net.over == "tcp":
            yield (f"turn:{host}:{port}?transport=tcp",)
            return
        with link(self._relay.address, net.way) as shaped:
            yield (f"turn:{shaped.address[0]}:{shaped.address[1]}?transport=udp",)

    @contextmanager
    def _page(self, address: str = "https://localhost", cookie: str = "") -> Iterator[Any]:
        from tests.fake_camera import READER_JS

        context = self._browser.new_context(
            ignore_https_errors=True, permissions=["camera", "microphone", "local-network-access"]
        )
        if cookie:
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": address, "secure": True, "httpOnly": True}])
        page = context.new_page()
        page.route("**/bench", lambda route: route.fulfill(body=_PAGE, content_type="text/html"))
        page.goto(f"{address}/bench")
        page.evaluate(READER_JS)
        page.evaluate((Path(__file__).parent / "call_pages.js").read_text())
        try:
            yield page
        finally:
            context.close()

    def _seen(
        self,
        headset: Any,
        expert: Any,
        seconds: float,
        say: str,
        *,
        meanwhile: Callable[[], None] = lambda: None,
        patience_s: float = 0,
    ) -> Seen:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _link(expert):
            meanwhile()
            expert.wait_for_timeout(50)
        up = _link(expert)
        begun = expert.evaluate("() => lab.accepted ?? 0")
        if up is None:
            return Seen(None, "", [], [], [], 0)
        expert.wait_for_timeout(seconds * 1000)
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and not expert.evaluate(_READABLE):
            expert.wait_for_timeout(250)
        shown = expert.evaluate("() => lab.watched?.frames ?? []")
        sent = headset.evaluate("() => lab.watched?.frames ?? []")
        marks = expert.evaluate(f"() => lab.there_and_back({say}, 20)")
        path_ms = expert.evaluate("() => lab.path_ms(lab.connection)")
        frames = [((f["at"] - begun) / 1000, f["width"], f["height"], f["n"], f["contrast"]) for f in shown]
        connected = (up["at"] - begun) / 1000
        return Seen(connected, up.get("path", ""), frames, delays(sent, shown), marks, path_ms)


def _link(page: Any) -> dict[str, Any] | None:
    found = page.evaluate("() => lab.links.find((one) => one.state === 'connected') ?? null")
    return dict(found) if found else None


def _trickle(one: Any, other: Any) -> None:
    for giver, taker in ((one, other), (other, one)):
        for candidate in giver.evaluate("() => lab.candidates.splice(0)"):
            taker.evaluate("(candidate) => lab.candidate(candidate)", candidate)


def delays(sent: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return how long pictures took from one page to the other, ms.

    Args:
        sent: Pictures as the sender's own page showed them, in order of time: ``n`` and ``at``.
        shown: The same of the receiver. A number comes again each ``FRAMES``: the newest before is meant.
    """
    found, last, waiting = [], dict[int, float](), list(sent)
    for frame in shown:
        while waiting and waiting[0]["at"] <= frame["at"]:
            passed = waiting.pop(0)
            last[passed["n"]] = passed["at"]
        at = last.get(frame["n"]) if frame["n"] >= 0 else None
        if at is not None and frame["at"] - at < FRAMES / _FPS * 1000:
            found.append(frame["at"] - at)
    return found


def _section(net: Net, ours: Seen, plain: Seen, seconds: float) -> Section:
    section = Section(f"A call: {net.name}")
    early, late = min(5.0, seconds / 2), max(seconds / 2, seconds - 10)
    for who, seen in (("ours", ours), ("browser's defaults", plain)):
        section.add(*_figures(who, seen, early, late, seconds))
    return section


def _figures(who: str, seen: Seen, early: float, late: float, seconds: float) -> Iterator[Figure]:
    if seen.connected_s is None:
        yield Figure(f"{who}: never connected", "", (0,))
        return
    begin = seen.connected_s
    yield Figure(f"{who}: connected after the yes", "s", (begin,), seen.path)
    sharp = seen.sharp_s
    yield Figure(
        f"{who}: first sharp picture", "s", (sharp if sharp is not None else -1,), "" if sharp else "never"
    )
    for name, first, last in (("first", 0.0, early), ("last", late, seconds)):
        window = f"{who}: {name} {last - first:.0f} s"
        yield Figure(f"{window}, rows", "px", (seen.rows(begin + first, begin + last),))
        yield Figure(f"{window}, rate", "/s", (seen.fps(begin + first, begin + last),))
    yield Figure(f"{who}: glass to glass", "ms", tuple(seen.delay_ms[-60:]) or (-1,))
    yield Figure(f"{who}: a mark there and back", "ms", tuple(seen.mark_ms))
    yield Figure(f"{who}: round trip of the path", "ms", (seen.path_ms,))
