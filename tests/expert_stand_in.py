"""An expert without a page: the modules of the call pages in a bare document, so that a test sees what arrives."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page
from tests.assist_world import as_party, until
from tests.fake_camera import READER_JS
from tests.served_assist import ServedAssist

from holofleet.web.assist.assets import assist_asset_url

_MODULES = ("socket.js", "media.js", "call.js", "quality.js")
_BEGIN = """async (addresses) => {
  const [{ AssistSocket }, { Media }, { LiveCall }, { QualityWatch }] =
    await Promise.all(addresses.map((one) => import(one)));
  const socket = new AssistSocket("expert"), media = new Media();
  const video = document.body.appendChild(Object.assign(document.createElement("video"), {
    autoplay: true, muted: true, playsInline: true }));
  const held = { socket, media, video, call: null, ended: null, told: [], files: [], codes: [], grade: null };
  const begin = (view) => {
    if (held.call || view.state === "ended") return;
    const call = held.call = new LiveCall({ socket, media, view });
    for (const type of ["alarm", "broken", "trouble", "message", "link"])
      call.on(type, (said) => held.told.push([type, said.error ? String(said.error) : said]));
    call.on("code", ({ code }) => held.codes.push(code));
    call.on("peer", (peer) => {
      const watch = new QualityWatch(call, { party: peer.other });
      watch.on("grade", ({ grade, sample }) => { held.grade = grade; held.sample = sample; });
    });
    call.on("stream", ({ party, stream }) => {
      if (call.party(party).kind === "headset") video.srcObject = stream;
    });
    call.on("file", async ({ header, blob }) => {
      const image = await createImageBitmap(blob);
      const url = URL.createObjectURL(blob);
      held.files.push({ ...header, real: [image.width, image.height], bytes: blob.size, url });
    });
    call.on("ended", (last) => { held.ended = last; held.call = null; });
  };
  socket.on("up", ({ calls }) => calls.forEach(begin));
  socket.on("call.state", ({ call }) => begin(call));
  socket.open();
  window.held = held;
}"""


class StandInExpert:
    """Somebody signed in, at a document of this server."""

    def __init__(self, browser: Browser, address: str, context_of: Any) -> None:
        self.context = context_of
        self.page: Page = self.context.new_page()
        self.noise: list[str] = []
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        self.page.goto(address + "/healthz")
        self.page.evaluate(READER_JS)
        self.page.evaluate(_BEGIN, [assist_asset_url(name) for name in _MODULES])
        until(self.page, "held.socket.isReady")

    def accept(self) -> None:
        """Wait until it rings, and answer."""
        until(self.page, "held.call !== null")
        self.page.evaluate("held.call.accept()")

    def sees(self, *, width: int = 0) -> dict[str, Any]:
        """Wait for a frame whose number can be read, and return what is read off it.

        Args:
            width: It has to be that wide, and sharp; any other frame does not count.
        """
        seen: dict[str, Any] = until(
            self.page,
            """(width) => { if (!held.video.videoWidth) return null;
               const read = readCamera(held.video);
               const sharp = read.width === width && read.contrast > 0.5;
               return read.n >= 0 && (sharp || !width) ? read : null; }""",
            width,
        )
        return seen

    def says(self, message: dict[str, Any]) -> None:
        """Say something over the channel of events."""
        self.page.evaluate("(message) => held.call.say(message)", message)

    def party(self, kind: str) -> dict[str, Any]:
        """Return a party of the call as the server shows it now."""
        found: dict[str, Any] = self.page.evaluate(
            "(kind) => (held.call?.view ?? held.ended).parties.find((one) => one.kind === kind)", kind
        )
        return found


def stand_in(browser: Browser, served: ServedAssist, upn: str) -> StandInExpert:
    """Return an expert of a served fleet, connected."""
    context = as_party(browser, served, served.session_cookie(upn), width=1024, height=768)
    return StandInExpert(browser, served.address, context)
