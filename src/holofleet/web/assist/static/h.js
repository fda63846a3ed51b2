// @ts-check
/** The page on the headset: choose, ask, call. Everything that it holds goes with it. */
import { LiveCall } from "./call.js";
import { Asking } from "./asking.js";
import { CallKeys } from "./call_keys.js";
import { Chooser } from "./chooser.js";
import { Heat } from "./heat.js";
import { Leaving } from "./leaving.js";
import { GivenBackError, Media } from "./media.js";
import { Picture } from "./picture.js";
import { QualityWatch, SOUND_STEP, words } from "./quality.js";
import { at, isShown, show, showPlate, write, writeAll } from "./screens.js";
import { AssistSocket } from "./socket.js";

const ENDED_MS = 20_000;
const RECONNECT_S = 30;
const OVER = "/h/over";
const KIOSK = "/k";

/** Why a call ended, in words; `%` is the other's name. @type {Record<string, string>} */
const REASONS = {
  "hung-up": "The call has ended",
  declined: "% cannot talk now",
  busy: "% is busy. Call another?",
  "not-now": "% cannot talk now",
  missed: "% did not answer",
  cancelled: "You took the call back",
  "no-connection": "No connection came about",
  lost: "The connection was lost",
  nobody: "Nobody answered",
  "not-allowed": "This call is not allowed any more",
};

/** How a call ended that never reached the server. */
const TAKEN_BACK = { parties: [], ended: { reason: "cancelled" } };

/** Ends after which a message may be left for whom was called. */
const UNANSWERED = new Set(["declined", "busy", "not-now", "missed", "no-connection", "lost", "nobody"]);

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
/** The call that rings here and was not answered yet. */
let rung = "";
let lostAt = 0;
let adding = false;
let asked = false;
let ending = 0;
let weakness = "";
let heated = "";
const heat = new Heat();
const leaving = new Leaving(media, { open: () => openMedia(), back: home, over });

/** @typedef {import("./asking.js").Whom} Whom */

const chooser = new Chooser(socket, {
  chosen: (entry) => (adding ? add(entry) : asking.ask(entry)),
  any: () => (chooser.anybody ? asking.ask(null) : asking.absent(null, "Nobody is free now")),
  later: () => leaving.begin({ name: "any expert", rota: "" }),
});
const asking = new Asking(chooser, { leave: (whom) => leaving.begin(whom), place, home });
const keys = new CallKeys(media, {
  picture: () => picture,
  watches,
  end: () => call?.end().catch(over),
  stopRecording: () => socket.tell("record.answer", { call: call?.id, agree: false }),
  add: () => {
    adding = true;
    keys.show("keys-call");
    chooser.load(call?.id, () => {
      adding = false;
      show("call");
    });
    show("home");
  },
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
  const takeBack = () => {
    wanted = false;
    media.close();
    if (call) return call.cancel().catch(() => call?.end()).catch(over); // answered meanwhile: it ends all the same
    if (!invited) return ended(TAKEN_BACK);
    showPlate({ who: name, title: "Taking the call back ...", keys: [{ words: "Close", icon: "back", act: over }] });
  };
  showPlate({ who: name, title: `Calling ${name} ...`, keys: [{ words: "Stop calling", icon: "end", kind: "end", act: takeBack }] });
  try {
    if (!(await openMedia()) || !wanted) return;
    invited = true;
    const { call: view } = await socket.request("call.invite", whom);
    if (wanted) return begin(view);
    const end = (/** @type {string} */ type) => socket.request(type, { call: view.id });
    const answer = await end("call.cancel").catch(() => end("call.end"));
    ended(answer.call);
  } catch (error) {
    media.close();
    refused(error);
  }
}

/**
 * Open camera and microphone. A headset whose camera is covered or broken can still talk.
 * @returns {Promise<boolean>}
 */
async function openMedia(camera = true) {
  try {
    await media.open({ camera });
    return true;
  } catch (error) {
    if (error instanceof GivenBackError) return false;
    if (camera && error instanceof DOMException && error.name === "NotFoundError") return openMedia(false);
    media.close();
    showPlate({
      title: "Camera and microphone are closed to this page",
      lines: [["warn", "The browser has to allow them for this address."], ["badge", "Whoever keeps the headsets can set that for all."]],
      keys: [{ words: "Try again", icon: "call", kind: "go", act: () => last?.place() }, { words: "Not now", icon: "back", act: home }],
    });
    return false;
  }
}

/** @param {any} error */
function refused(error) {
  const later = last && ["busy", "away", "assist.rota", "assist.hours", ""].includes(error?.rule ?? "") ? [message(last)] : [];
  showPlate({
    title: "This call cannot be made",
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
  adding = false;
  clearTimeout(ending);
  chooser.load();
  show("home");
}

/** Somebody calls this headset, or this page was loaded again in a call. @param {any} view */
function ring(view) {
  const mine = view.parties.find((/** @type {any} */ one) => one.id === view.me);
  const from = view.parties.find((/** @type {any} */ one) => one.id !== view.me)?.name ?? "An expert";
  const again = mine.state !== "ringing";
  if (leaving.waits) return; // it rings on elsewhere; what waits here is nowhere else
  rung = view.id;
  last = null;
  showPlate({
    who: from,
    title: again ? `You are in a call with ${from}` : `${from} calls you`,
    lines: [
      ["camera", `${from.split(" ")[0]} will see what your camera sees`],
      view.recording.state === "on" ? ["warn", "The call is recorded"] : ["norec", "Nothing is recorded"],
    ],
    keys: [
      { words: again ? "Back to the call" : "Answer", small: "Camera and microphone go on", icon: "call", kind: "go", act: () => answer(view, again) },
      again
        ? { words: "End call", icon: "end", kind: "end", act: () => socket.request("call.end", { call: view.id }).then(over, over) }
        : { words: "Not now", icon: "back", act: () => decline(view) },
    ],
  });
}

/**
 * @param {any} view
 * @param {boolean} again
 */
async function answer(view, again) {
  if (!(await openMedia())) return;
  try {
    begin(view);
    if (!again) await call?.accept();
  } catch (error) {
    stop();
    refused(error);
  }
}

/** @param {any} view */
async function decline(view) {
  socket.tell("call.decline", { call: view.id, reason: "not-now" });
  home();
}

// In a call

/** @param {any} view */
function begin(view) {
  stop();
  rung = "";
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
}

/** @param {any} view */
function changed(view) {
  const others = call?.others ?? [];
  at("with").textContent = others.map((/** @type {any} */ one) => (one.kind === "guest" ? `${one.name} (${one.label})` : one.name)).join(", ");
  if (view.state === "connecting" || view.state === "connected" || view.state === "reconnecting") {
    consent(view);
    if (!isShown("call") && !asked && !adding) show("call");
  }
  at("add").disabled = false;
  shared();
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

function codes() {
  const [code] = (call?.others ?? []).map((/** @type {any} */ one) => call?.code(one.id)).filter(Boolean);
  if (code) write(at("code"), { words: `Code ${code.slice(0, 3)} ${code.slice(3)}`, icon: "lock" });
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
  stop();
  showPlate({
    title: "This call was not safe",
    lines: [["warn", why], ["lock", "It was ended at once. Nothing more is sent."]],
    keys: [{ words: "Close", icon: "back", act: over }],
  });
}

/** Recording is asked for, or goes on, or has ended. @param {any} view */
function consent(view) {
  const { state, by, answers, words: told = {} } = view.recording;
  const mine = answers[view.me];
  const wanted = state !== "none" && mine === undefined;
  if (wanted && !asked) {
    asked = true;
    const name = call?.party(by)?.name ?? "The expert";
    const say = (/** @type {boolean} */ agree) => {
      asked = false;
      socket.tell("record.answer", { call: view.id, agree });
      show("call");
    };
    showPlate({
      who: name,
      title: `May ${name} record this call?`,
      lines: [
        ["camera", told.what ?? "The camera's picture and all voices"],
        ["lock", told.kept ?? "Kept sealed"],
        ["norec", told.stop ?? "Say no, and the call goes on without"],
        ["badge", "Tell whoever stands near you"],
      ],
      keys: [
        { words: "Agree", icon: "compliant", kind: "go", act: () => say(true) },
        { words: "No recording", icon: "norec", act: () => say(false) },
      ],
    });
  } else if (!wanted && asked) {
    asked = false;
    show("call");
  }
  const on = state === "on";
  const now = on ? "This call is recorded" : state === "asked" ? "Recording is asked for" : "Not recorded";
  writeAll("[data-recorded]", { words: now, icon: on ? "camera" : "norec", kind: on ? "hot" : "" });
  // One tap takes the agreement back; meanwhile marks stay shown.
  at("stop-recording").hidden = state === "none" || mine === undefined;
  at("hide").hidden = !at("stop-recording").hidden;
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
  lostAt = 0;
  asked = adding = false;
  weakness = heated = "";
  keys.reset();
  write(at("code"), { words: "Code comes", icon: "lock" });
  write(at("quality"), { words: "Connecting", icon: "signal" });
  trouble("");
}

/** @param {any} view */
function ended(view) {
  const name = last?.name ?? view.parties.find((/** @type {any} */ one) => one.id !== view.me)?.name ?? "The expert";
  media.close();
  stop();
  shared();
  writeAll("[data-recorded]", { words: "Not recorded", icon: "norec" });
  const reason = view.ended?.reason ?? "hung-up";
  const mine = view.ended?.by === view.me && reason === "hung-up";
  const offer = view.ended?.offer;
  const again = last;
  /** @type {import("./screens.js").Key[]} */
  const ways = [{ words: "Done", icon: "back", act: over }];
  const another = reason === "busy" && again?.whom.to;
  if (again && UNANSWERED.has(reason)) ways.unshift(message(again));
  if (offer) ways.unshift({ words: `Call ${offer.name}`, small: "Asked for you", icon: "call", kind: "go", act: () => retry(() => place(offer.name, { to: offer.key })) });
  else if (another) ways.unshift({ words: "Any expert", small: "First one free", icon: "call", kind: "go", act: () => retry(() => place("an expert", { any: "" })) });
  else if (again) ways.unshift({ words: "Call again", icon: "call", kind: "go", act: () => retry(again.place) });
  showPlate({
    who: name,
    title: mine ? "You ended the call" : (REASONS[reason] ?? REASONS["hung-up"]).replace("%", name),
    lines: [["norec", "Camera and microphone are off"], ["compliant", "Nothing of the call stays on this headset"]],
    keys: ways,
  });
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
  stop();
  socket.close();
  location.replace(OVER);
}

/** @param {{key: string, name: string}} entry */
async function add(entry) {
  adding = false;
  show("call");
  try {
    await socket.request("call.add", { call: call?.id, to: entry.key });
    picture?.say(`${entry.name} is called.`);
  } catch (error) {
    picture?.say(error instanceof Error ? error.message : "");
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
  if (call) return;
  if (leaving.waits) return leaving.again();
  const [open] = calls.filter((/** @type {any} */ one) => one.state !== "ended");
  if (open) ring(open);
  else if (isShown("home")) chooser.load();
});
socket.on("down", () => writeAll("[data-server]", { words: "Server is away", icon: "signal", kind: "warn" }));
socket.on("call.state", ({ call: view }) => {
  if (call) return;
  const mine = view.parties.find((/** @type {any} */ one) => one.id === view.me);
  if (view.state === "ended") {
    if (view.id === rung && isShown("plate")) home();
  } else if (mine?.state === "ringing") ring(view);
});
socket.on("chat", ({ text, from }) => call && from !== call.me && picture?.say(text));
socket.on("closed", ({ code }) => {
  if (code === 4401 || code === 4403) return location.assign(KIOSK);
  if (code !== 4409 && code !== 4429) return;
  media.close();
  stop();
  showPlate({
    title: "This page is open elsewhere on this headset",
    keys: [{ words: "Use it here", icon: "call", kind: "go", act: () => location.reload() }],
  });
});
socket.open();
shared();
