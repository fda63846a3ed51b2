"""A bare headset's page for tests of the other side: it calls, shows its camera, and keeps what it is told.

Built of the shared browser modules and nothing else; what it has seen stands in ``window.seen``. The browser is
given the page itself, so that no server has a route for it.
"""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, Route

from holofleet.web.assist.assets import assist_asset_url

PATH = "/stand-in"
SCRIPT_PATH = "/stand-in.js"
_SCRIPT = """
import { AssistSocket } from "%(socket)s";
import { LiveCall } from "%(call)s";
import { Media, takeStill } from "%(media)s";
import { MarkLog } from "%(marks)s";

const socket = new AssistSocket("headset");
const media = new Media();
const seen = (window.seen = { messages: [], pointers: [], files: [], chat: [], state: "", code: "", ended: "" });
let call, log;
const stills = [];

window.invite = async (to) => {
  await media.open({ camera: true });
  const answer = await socket.request("call.invite", { to, asset: "PUMP-7" });
  call = new LiveCall({ socket, media, view: answer.call });
  log = new MarkLog({ call: call.id, author: call.me, now: () => socket.now() });
  Object.assign(window, { call, log });
  call.on("view", (view) => (seen.state = view.state));
  call.on("ended", (view) => (seen.ended = view.ended?.reason ?? "ended"));
  // As the headset's page does: who comes, or comes back, is given marks and pictures.
  call.on("code", async ({ party, code }) => {
    seen.code = code;
    if (log.events.length) call.say({ type: "marks", events: log.events }, party);
    for (const [header, blob] of stills) await call.peers.get(party)?.files.send(header, blob);
  });
  call.on("pointer", ({ message }) => seen.pointers.push(message));
  call.on("file", ({ header, blob }) => seen.files.push({ ...header, got: blob.size }));
  call.on("message", async ({ party, message }) => {
    seen.messages.push(message);
    if (message.type === "marks") for (const event of message.events) log.take(event);
    if (message.type !== "still.ask") return;
    const { blob, width, height } = await takeStill(media.camera);
    const header = { id: message.id, kind: "still", name: "still.jpg", type: "image/jpeg", width, height };
    stills.push([header, blob]);
    await call.peers.get(party).files.send(header, blob);
  });
  socket.on("chat", (message) => seen.chat.push(message.text));
  return call.id;
};
window.mark = (base, shape) => call.say({ type: "marks", events: [log.add(base, shape)] });
window.kinds = () => log.bases.flatMap((base) => log.marks(base).map((mark) => mark.kind));
socket.on("up", () => (window.ready = true));
socket.open();
"""


def stand_in(context: BrowserContext, address: str) -> Page:
    """Open the page in a browser that holds the cookie of a headset."""
    names = {name: assist_asset_url(f"{name}.js") for name in ("socket", "call", "media", "marks")}
    html = f'<!doctype html><title>Headset</title><script type="module" src="{SCRIPT_PATH}"></script>'

    def fill(route: Route) -> None:
        if route.request.url.endswith(SCRIPT_PATH):
            route.fulfill(body=_SCRIPT % names, content_type="text/javascript")
        else:
            route.fulfill(body=html, content_type="text/html")

    context.route(address + PATH + "*", fill)
    page = context.new_page()
    page.goto(address + PATH)
    return page
