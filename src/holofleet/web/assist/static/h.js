// @ts-check
/** The page on the headset: choose, ask, call. Everything that it holds goes with it. */
import { LiveCall } from "./call.js";
import { Asking } from "./asking.js";
import { CallKeys } from "./call_keys.js";
import { Chooser } from "./chooser.js";
import { comings } from "./comings.js";
import { Consent } from "./consent.js";
import { TAKEN_BACK, endPlate } from "./endings.js";
import { Heat } from "./heat.js";
import { Incoming } from "./incoming.js";
import { Leaving } from "./leaving.js";
import { GivenBackError, Media } from "./media.js";
import { Picture } from "./picture.js";
import { QualityWatch, SOUND_STEP, words } from "./quality.js";
import { at, isShown, show, showPlate, write, writeAll } from "./screens.js";
import { AssistSocket } from "./socket.js";

const ENDED_MS = 20_000;
const SAID_MS = 12_000;
const RECONNECT_S = 30;
const OVER = "/h/over";
const KIOSK = "/k";

const socket = new AssistSocket("headset");
const media = new Media();
/** @type {LiveCall | null} */
let call = null;
/** @type {Picture | null} */
let picture = null;
/** @type {Map<string, QualityWatch>} */
const watches = new Map();
/** @type {{name: string, whom: Whom, place: () => Promise<void>} | null} whom this page called last */
let last = null;
/** What takes back a call that is being made here and has not begun. @type {(() => void) | null} */
let drop = null;
/** @type {any} how the call stood before */
let former = null;
let lostAt = 0;
/** Whether the chooser is shown for somebody else in the call. */
let choosing = false;
/** Whether the wearer has ended the call, and the server is told. */
let hungUp = false;
let ending = 0;
/** Whether only the clearing is left to do. */
let isOver = false;
let weakness = "";
let heated = "";
const heat = new Heat();
const leaving = new Leaving(media, { open: () => opened(), back: home, over });
const incoming = new Incoming(socket, {
  open: openMedia,
  begin: (view) => begin(view),
  stop: () => (media.close(), stop()),
  failed: (error) => refused(error, "This call cannot be answered"),
  home,
  over,
});
const consent = new Consent({ call: () => call, back: backToCall, say: (words, ms) => picture?.say(words, ms) });

/** @typedef {import("./asking.js").Whom} Whom */
/** @typedef {import("./chooser.js").Entry} Entry */

const chooser = new Chooser(socket, {
  chosen: (entry) => asking.ask(entry),
  any: () => (chooser.anybody ? asking.ask(null) : asking.absent(null, "Nobody is free now")),
  later: () => leaving.begin({ name: "any expert", rota: "" }),
});
const asking = new Asking(chooser, { leave: (whom) => leaving.begin(whom), place, home });
const keys = new CallKeys(media, {
  picture: () => picture,
  watches,
  end: hangUp,
  stopRecording: () => consent.stop(),
  add: () => choose("Whom do you want to add?", add),
  handOver: () => choose("Who takes the call over?", handOver),
});

// Before a call

/**
 * Call somebody. It can be taken back at any moment, whatever it waits for: the camera, the server, the other side.
 * @param {string} name
 * @param {Whom} whom
 */
async function place(name, whom) {
  last = { name, whom, place: () => place(name, whom) };
  let wanted = true;
  let invited = false;
  const dropped = (drop = () => {
    wanted = false;
    media.close();
  });
  const takeBack = () => {
    dropped();
    if (!call && !invited) return ended(TAKEN_BACK);
    const mine = call;
    hungUp = true;
    showPlate({ who: name, title: "Taking the call back ...", keys: [{ words: "Close", icon: "back", act: over }] });
    mine?.cancel().catch(() => mine.end()).catch(over); // answered meanwhile: it ends all the same
  };
  showPlate({ who: name, title: `Calling ${name} ...`, keys: [{ words: "Stop calling", icon: "end", kind: "end", act: takeBack }] });
  try {
    if (!(await openMedia(() => place(name, whom), home)) || !wanted) return;
    invited = true;
    const { call: view } = await socket.request("call.invite", whom);
    if (wanted) return begin(view);
    const end = (/** @type {string} */ type) => socket.request(type, { call: view.id });
    const answer = await end("call.cancel").catch(() => end("call.end"));
    if (!call && !incoming.isOpen) ended(answer.call);
  } catch (error) {
    if (incoming.again()) return;
    media.close();
    if (wanted) refused(error);
    else ended(TAKEN_BACK);
  } finally {
    if (drop === dropped) drop = null;
  }
}

/**
 * Open camera and microphone. A headset whose camera is covered or broken can still talk.
 * @returns {Promise<boolean>} false: they were given back meanwhile
 */
async function opened(camera = true) {
  try {
    await media.open({ camera });
    return true;
  } catch (error) {
    if (error instanceof GivenBackError) return false;
    if (camera && error instanceof DOMException && error.name === "NotFoundError") return opened(false);
    throw error;
  }
}

/**
 * Open them, or say that they are closed to this page.
 * @param {() => unknown} retry
 * @param {() => unknown} back
 */
async function openMedia(retry, back) {
  try {
    return await opened();
  } catch {
    media.close();
    showPlate({
      title: "Camera and microphone are closed to this page",
      lines: [["warn", "The browser has to allow them for this address."], ["badge", "Whoever keeps the headsets can set that for all."]],
      keys: [{ words: "Try again", icon: "call", kind: "go", act: retry }, { words: "Not now", icon: "back", act: back }],
    });
    return false;
  }
}

/** @param {any} error */
function refused(error, title = "This call cannot be made") {
  const later = last && ["busy", "away", "assist.rota", "assist.hours", ""].includes(error?.rule ?? "") ? [message(last)] : [];
  showPlate({
    title,
    lines: [["warn", error?.message ?? "The server does not answer."]],
    keys: [{ words: "Choose again", icon: "back", act: home }, ...later, { words: "This headset", icon: "badge", act: () => location.assign(KIOSK) }],
  });
}

/** The key that leaves a message for whom was called. @param {{name: string, whom: Whom}} called @returns {import("./screens.js").Key} */
function message({ name, whom }) {
  const shown = whom.to ? name : "any expert";
  const act = () => retry(() => leaving.begin({ name: shown, ...(whom.to ? { to: whom.to } : { rota: whom.any ?? "" }) }));
  return { words: "Leave a message", icon: "still", act };
}

function home() {
  if (leaving.waits) return leaving.again();
  clearTimeout(ending);
  if (incoming.again()) return;
  if (leaving.isOpen) return leaving.resume();
  choosing = false;
  chooser.load();
  show("home");
}

/** Somebody calls this headset, or this page was loaded again in a call. @param {any} view */
function ring(view) {
  if (leaving.waits) return; // it rings on elsewhere; what waits here is nowhere else
  clearTimeout(ending);
  drop?.();
  leaving.pause();
  last = null;
  incoming.ring(view);
}

// In a call

/** @param {any} view */
function begin(view) {
  stop();
  leaving.forget();
  const { startKbps } = chooser;
  call = new LiveCall({ socket, media, view, ...(startKbps ? { startKbps } : {}) });
  picture = new Picture(call, media);
  call.on("view", changed);
  call.on("peer", (peer) => watch(peer.other));
  call.on("gone", (party) => unwatch(party));
  call.on("code", codes);
  call.on("link", linked);
  call.on("alarm", ({ words: why }) => alarm(why));
  call.on("ended", ended);
  return call;
}

/** @param {any} view */
function changed(view) {
  if (hungUp) return;
  const others = call?.others ?? [];
  at("with").textContent = others.map((/** @type {any} */ one) => (one.kind === "guest" ? `${one.name} (${one.label})` : one.name)).join(", ");
  if (view.state === "connecting" || view.state === "connected" || view.state === "reconnecting") {
    consent.take(view);
    if (!isShown("call") && !consent.asked && !choosing) show("call");
  }
  const news = comings(former, view);
  if (news.length) picture?.say(news.join(" "), SAID_MS);
  former = view;
  codes();
  shared();
}

function backToCall() {
  choosing = false;
  show("call");
}

/** End it for everybody: nothing more is sent from now on, whatever the server says. */
function hangUp() {
  if (!call || hungUp) return;
  hungUp = true;
  const who = at("with").textContent;
  const told = call.end();
  media.close();
  showPlate({
    who,
    title: "Ending the call ...",
    lines: [["norec", "Camera and microphone are off"]],
    keys: [{ words: "Close", icon: "back", act: over }],
  });
  told.catch(over);
}

/** @param {string} party */
function watch(party) {
  if (!call) return;
  const begin = { rule: call.view.switches.low_bandwidth, kbps: chooser.network.check?.up_kbps };
  const found = new QualityWatch(call, { party, sends: true, begin, hot: () => heat.hot });
  watches.set(party, found);
  found.on("grade", ({ grade }) => graded(grade));
  found.on("step", ({ step, why }) => stepped(party, step, why));
  keys.hold(found);
}

/** @param {string} party */
function unwatch(party) {
  watches.get(party)?.close();
  watches.delete(party);
}

/**
 * The picture became smaller or larger: both sides are told why.
 * @param {string} party
 * @param {number} step
 * @param {import("./quality.js").Why} why
 */
function stepped(party, step, why) {
  call?.say({ type: "quality", step, why, grade: watches.get(party)?.steady.grade }, party);
  const warm = step >= SOUND_STEP ? "The headset is too warm: sound only until it is cooler." : "The headset is warm: pictures are smaller.";
  const now = why === "heat" ? warm : "";
  if (now !== heated) picture?.say(now || weakness);
  heated = now;
}

/** @param {import("./quality.js").Grade} grade */
function graded(grade) {
  const kind = { optimal: "good", minimum: "good", reduced: "warn", stills: "warn", audio: "hot", none: "hot" }[grade];
  write(at("quality"), { words: words(grade), icon: "signal", kind });
  const weak = saved()
    ? { stills: "Pictures only, as you chose. Take one: it arrives sharp." }
    : { stills: "Weak network: pictures only. Take one: it arrives sharp.", audio: "Very weak network: sound only." };
  const now = lostAt ? "" : (/** @type {any} */ (weak)[grade] ?? "");
  if (now !== weakness && !heated) picture?.say(now);
  weakness = now;
}

/** Whether it is the wearer who holds the picture small. */
function saved() {
  return [...watches.values()].some((one) => one.ladder.why === "hand");
}

/** The code of who is here, with two of who came last; never that of somebody who has gone. */
function codes() {
  const others = call?.others ?? [];
  const newest = others.filter((/** @type {any} */ one) => call?.code(one.id)).at(-1);
  const code = newest ? (call?.code(newest.id) ?? "") : "";
  const whose = others.length > 1 ? newest?.name.split(" ")[0] : "Code";
  write(at("code"), { words: code ? `${whose} ${code.slice(0, 3)} ${code.slice(3)}` : "Code comes", icon: "lock" });
}

function linked() {
  const states = [...(call?.peers.values() ?? [])].map((peer) => peer.state);
  const lost = states.length > 0 && states.every((state) => state === "reconnecting");
  lostAt = lost ? lostAt || performance.now() : 0;
  if (lost) picture?.say("");
  tick();
}

/** Somebody sits between: nothing more is shown or sent. @param {string} why */
function alarm(why) {
  call?.end().catch(() => {});
  media.close();
  stop();
  showPlate({
    title: "This call was not safe",
    lines: [["warn", why], ["lock", "It was ended at once. Nothing more is sent."]],
    keys: [{ words: "Close", icon: "back", act: over }],
  });
}

/** What goes out of this headset now, at the foot of every screen. */
function shared() {
  const parts = [media.cameraOn && "Camera", media.microphoneOn && "microphone"].filter(Boolean);
  const both = parts.join(" and ").replace(/^m/, "M");
  const now = parts.length ? `${both} ${parts.length > 1 ? "are" : "is"} on` : "Camera and microphone are off";
  writeAll("[data-shared]", { words: now, icon: media.cameraOn ? "camera" : parts.length ? "mic" : "norec", kind: parts.length ? "hot" : "" });
  for (const tag of document.querySelectorAll("[data-recorded]")) /** @type {HTMLElement} */ (tag).hidden = !call;
  keys.draw();
}

function tick() {
  if (!call) return;
  const started = call.view.started;
  const seconds = started ? Math.max(0, Math.floor((socket.now() - started) / 1000)) : 0;
  at("minutes").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  const left = Math.max(0, Math.ceil(RECONNECT_S - (performance.now() - lostAt) / 1000));
  const lost = `Connection lost. Trying again (${left} s). Sound comes first.`;
  trouble(lostAt ? lost : socket.isReady ? "" : "The server is away. The call goes on.");
}

/** @param {string} text */
function trouble(text) {
  at("trouble").hidden = !text;
  if (at("trouble").textContent !== text) at("trouble").textContent = text;
}

// After a call

function stop() {
  for (const party of [...watches.keys()]) unwatch(party);
  picture?.close();
  call?.close();
  call = picture = null;
  former = null;
  lostAt = 0;
  choosing = hungUp = false;
  consent.reset();
  weakness = heated = "";
  keys.reset();
  write(at("code"), { words: "Code comes", icon: "lock" });
  write(at("quality"), { words: "Connecting", icon: "signal" });
  trouble("");
}

/** @param {any} view */
function ended(view) {
  media.close();
  incoming.forget();
  stop();
  shared();
  writeAll("[data-recorded]", { words: "Not recorded", icon: "norec" });
  const again = (/** @type {string} */ name, /** @type {Whom} */ whom) => retry(() => place(name, whom));
  const mine = last;
  const called = mine && { ...mine, place: () => retry(mine.place) };
  showPlate(endPlate(view, called, { done: over, place: again, message }));
  clearTimeout(ending);
  ending = window.setTimeout(over, ENDED_MS);
}

/** @param {() => unknown} work */
function retry(work) {
  clearTimeout(ending);
  work();
}

/** Leave nothing: the server has the browser clear what it may have kept, and a new page begins. */
function over() {
  if (leaving.waits) return leaving.again();
  media.close();
  incoming.forget();
  stop();
  clearTimeout(ending);
  isOver = true;
  if (socket.isReady) return clear();
  showPlate({
    title: "The call is over here",
    lines: [["norec", "Camera and microphone are off"], ["signal", "This goes on as soon as the server answers"]],
    keys: [{ words: "Try now", icon: "signal", act: clear }],
  });
}

function clear() {
  socket.close();
  location.replace(OVER);
}

// Others in the call

/** Choose another expert, for the call. @param {string} title @param {(entry: Entry) => unknown} chosen */
function choose(title, chosen) {
  if (!call) return;
  choosing = true;
  keys.show("keys-call");
  chooser.load({
    call: call.id,
    title,
    back: backToCall,
    chosen: (entry) => {
      backToCall();
      chosen(entry);
    },
  });
  show("home");
}

/** @param {Entry} entry */
function add(entry) {
  ask("call.add", { to: entry.key }, `${entry.name} is called ...`);
}

/** Let another expert take over; of two it is asked who goes. @param {Entry} entry */
function handOver(entry) {
  const experts = (call?.others ?? []).filter((/** @type {any} */ one) => one.kind === "expert");
  const hand = (/** @type {any} */ goes) =>
    ask("call.hand_over", { to: entry.key, ...(goes ? { goes: goes.id } : {}) }, `${entry.name} is asked. ${goes?.name ?? "Nobody"} stays until they are connected.`);
  if (experts.length < 2) return hand(experts[0]);
  choosing = true;
  const one = (/** @type {any} */ goes) => ({ words: goes.name, small: "Goes", icon: "back", act: () => (backToCall(), hand(goes)) });
  showPlate({
    who: entry.name,
    title: `Who leaves for ${entry.name}?`,
    keys: [...experts.slice(0, 2).map(one), { words: "Nobody", small: "Back to the call", icon: "call", act: backToCall }],
  });
}

/** Ask the server for something in this call, and say it over the picture. @param {string} type @param {object} fields @param {string} words */
async function ask(type, fields, words) {
  const mine = call;
  picture?.say(words, SAID_MS);
  try {
    await socket.request(type, { call: mine?.id, ...fields });
  } catch (error) {
    if (call === mine) picture?.say(error instanceof Error ? error.message : "This is not possible now.", SAID_MS);
  }
}

media.on("change", shared);
setInterval(tick, 1000);
window.addEventListener("pagehide", () => {
  media.close();
  socket.close();
});

// The server

socket.on("up", ({ calls }) => {
  writeAll("[data-server]", { words: "Ready for calls", icon: "signal", kind: "good" });
  if (isOver) return clear();
  if (call) return;
  if (leaving.waits) return leaving.again();
  const open = calls.filter((/** @type {any} */ one) => one.state !== "ended");
  incoming.check(open);
  if (open.length) ring(open[0]);
});
socket.on("down", () => writeAll("[data-server]", { words: "Server is away", icon: "signal", kind: "warn" }));
socket.on("call.state", ({ call: view }) => {
  if (call || isOver) return;
  const mine = view.parties.find((/** @type {any} */ one) => one.id === view.me);
  if (view.state === "ended" || mine?.state === "left") incoming.gone(view.id);
  else if (mine?.state === "ringing") ring(view);
});
socket.on("chat", ({ text, from }) => call && from !== call.me && picture?.say(text));
socket.on("closed", ({ code }) => {
  if (code === 4401 || code === 4403) return location.assign(KIOSK);
  if (code !== 4409) return;
  media.close();
  incoming.forget();
  stop();
  showPlate({
    title: "This page is open elsewhere on this headset",
    keys: [{ words: "Use it here", icon: "call", kind: "go", act: () => location.reload() }],
  });
});
socket.open();
shared();
