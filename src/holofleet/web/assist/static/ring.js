// @ts-check
/**
 * Rings on every page of the console while an expert may be called: words, a sound, the title, a notification.
 *
 * One page of a browser holds the socket, whichever has the lock; the others hear from it. So a second window neither
 * rings twice nor takes the socket of a call that is open beside it.
 */
import { AssistSocket, RefusedError } from "./socket.js";

const LOCK = "holofleet-ring";
const LEFT = "holofleet-left";
const LEFT_PAGE = "/calls/left";
const AWAY = "holofleet-away";
const ANSWERED = "holofleet-answered";
const AGAIN_MS = 3_000;
const box = /** @type {HTMLElement} */ (document.getElementById("ring"));
const words = /** @type {HTMLElement} */ (document.getElementById("ring-words"));
const presence = /** @type {HTMLButtonElement} */ (document.getElementById("presence"));
const leftTold = /** @type {HTMLElement} */ (document.getElementById("left-told"));
const tell = /** @type {HTMLButtonElement} */ (document.getElementById("ring-notify"));
const title = document.title;
const channel = new BroadcastChannel(LOCK);
/** @type {AssistSocket | null} held by one page of the browser only */
let socket = null;
/** @type {Map<string, any>} calls that ring, by id */
let rings = new Map();
/** @type {AudioContext | null} */
let audio = null;
let ringing = 0;
/** How many messages left wait, as this page shows it. */
let waiting = Number(stored(LEFT, sessionStorage)) || 0;
/** Why nobody can call, as the page that holds the socket knows it; empty while they can. */
let missing = "";
/** @type {Map<string, Notification>} */
const notices = new Map();

/** @param {string} key @param {Storage} where */
function stored(key, where = localStorage) {
  try {
    return where.getItem(key) ?? "";
  } catch {
    return ""; // storage may be forbidden
  }
}

/** @param {string} key @param {string} value @param {Storage} where */
function store(key, value, where = localStorage) {
  try {
    where.setItem(key, value);
  } catch {
    // then it is forgotten with this page
  }
}

// The page that holds the socket

navigator.locks.request(LOCK, () => {
  const held = new AssistSocket("expert");
  socket = held;
  held.on("left", ({ waiting: now }) => {
    channel.postMessage({ left: now });
    showLeft(now);
  });
  held.on("down", () => tellMissing("No calls: server is away"));
  held.on("up", ({ calls }) => {
    tellMissing("");
    const mine = calls.filter((/** @type {any} */ one) => isRinging(one));
    rings = new Map(mine.map((/** @type {any} */ one) => [one.id, ofView(one)]));
    setPresence();
    told();
  });
  held.on("call.ring", (ring) => {
    rings.set(ring.call, { call: ring.call, hands: ring.hand_over, name: ring.from.holder?.name || ring.from.name, label: ring.from.label, asset: ring.asset });
    told();
  });
  held.on("call.state", ({ call }) => {
    if (rings.has(call.id) && !isRinging(call)) {
      rings.delete(call.id);
      told();
    }
  });
  // Signed out, or too many windows of calls: the lock is given to another page.
  return new Promise((release) => {
    held.on("closed", ({ code }) => {
      socket = null;
      rings = new Map();
      told();
      tellMissing(code === 4409 ? "No calls: open elsewhere" : "No calls: signed out");
      release(undefined);
    });
    held.open();
  });
});

/** Whoever believes that they can be called has to know when they cannot. @param {string} now */
function tellMissing(now) {
  channel.postMessage({ missing: now });
  showMissing(now);
}

/** @param {any} view */
function isRinging(view) {
  return view.state !== "ended" && view.parties.some((/** @type {any} */ one) => one.id === view.me && one.state === "ringing");
}

/** @param {any} view */
function ofView(view) {
  const caller = view.parties.find((/** @type {any} */ one) => one.kind === "headset") ?? view.parties[0];
  return { call: view.id, name: caller.holder?.name || caller.name, label: caller.label, asset: view.asset };
}

function told() {
  channel.postMessage({ rings: [...rings.values()] });
  show();
}

function setPresence() {
  socket?.tell("presence.set", { state: stored(AWAY) ? "away" : "ready" });
}

// Every page

channel.onmessage = ({ data }) => {
  if (data.rings) {
    rings = new Map(data.rings.map((/** @type {any} */ ring) => [ring.call, ring]));
    show();
  } else if (data.decline) decline(data.decline, false);
  else if (data.left !== undefined) showLeft(data.left);
  else if (data.missing !== undefined) showMissing(data.missing);
  else if (data.presence) {
    setPresence();
    showPresence();
  } else if (data.hello && socket) {
    told();
    channel.postMessage({ missing });
  }
};

/** It is quiet here at once; what the server did not hear rings again. @param {string} call @param {boolean} [first] */
async function decline(call, first = true) {
  const ring = rings.get(call);
  if (!socket) {
    if (first) channel.postMessage({ decline: call });
    return;
  }
  if (!ring) return;
  rings.delete(call);
  told();
  try {
    await socket.request("call.decline", { call, reason: "not-now" });
  } catch (error) {
    if (error instanceof RefusedError) return; // it does not ring any more
    rings.set(call, { ...ring, problem: "Your no did not reach the server: it still rings." });
    told();
  }
}

function show() {
  const ring = rings.values().next().value;
  box.hidden = !ring;
  document.title = ring ? `(${rings.size}) ${ring.name} is calling · ${title}` : title;
  for (const [call, notice] of notices) if (!rings.has(call)) notice.close();
  if (!ring) {
    clearInterval(ringing);
    ringing = 0;
    return;
  }
  const about = [ring.problem, ring.label, ring.asset && `Asset ${ring.asset}`, rings.size > 1 && `${rings.size - 1} more`];
  const small = document.createElement("small");
  small.textContent = about.filter(Boolean).join(" · ");
  const name = document.createElement("b");
  name.textContent = ring.hands ? `${ring.name} hands a call over` : `${ring.name} is calling`;
  words.replaceChildren(name, small);
  box.dataset.call = ring.call;
  if (socket) notify(ring);
  if (!ringing) {
    if (socket) sound();
    ringing = window.setInterval(() => socket && sound(), AGAIN_MS);
  }
}

/** Two tones, twice; a browser that wants a click first stays silent, and the words and the title remain. */
async function sound() {
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") await audio.resume();
    for (const [at, tone] of [[0, 660], [0.22, 880], [0.6, 660], [0.82, 880]]) beep(audio, audio.currentTime + at, tone);
  } catch {
    // no sound here
  }
}

/** @param {AudioContext} context @param {number} at @param {number} tone */
function beep(context, at, tone) {
  const [oscillator, volume] = [context.createOscillator(), context.createGain()];
  oscillator.frequency.value = tone;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.14, at + 0.02);
  volume.gain.linearRampToValueAtTime(0, at + 0.2);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.22);
}

/** @param {any} ring */
function notify(ring) {
  if (!("Notification" in window) || Notification.permission !== "granted" || notices.has(ring.call)) return;
  const notice = new Notification(`${ring.name} is calling`, { body: ring.label, tag: ring.call, requireInteraction: true });
  notice.onclick = () => {
    window.focus();
    notice.close();
  };
  notices.set(ring.call, notice);
}

function showPresence() {
  const away = Boolean(stored(AWAY));
  presence.hidden = false;
  presence.setAttribute("aria-pressed", String(!away));
  presence.dataset.state = away || missing ? "away" : "ready";
  presence.textContent = away ? "Away: no calls" : missing || "Available for calls";
  tell.hidden = away || !("Notification" in window) || Notification.permission !== "default";
}

/** @param {string} now */
function showMissing(now) {
  if (missing === now) return;
  missing = now;
  showPresence();
}

/** Messages left: how many wait, beside the way to them, and that one came. @param {number} now */
function showLeft(now) {
  if (now > waiting) leftTold.hidden = false;
  else if (now === 0) leftTold.hidden = true;
  waiting = now;
  store(LEFT, String(now), sessionStorage);
  for (const link of document.querySelectorAll(`.nav a[href="${LEFT_PAGE}"], .top .menu`)) {
    const count = link.querySelector(".waits") ?? link.appendChild(document.createElement("span"));
    count.className = "waits";
    count.textContent = now ? String(now) : "";
    count.setAttribute("aria-label", now === 1 ? "1 message waits" : `${now} messages wait`);
    count.setAttribute("role", "img");
    /** @type {HTMLElement} */ (count).hidden = !now;
  }
}

document.getElementById("left-close")?.addEventListener("click", () => (leftTold.hidden = true));
presence.addEventListener("click", () => {
  store(AWAY, stored(AWAY) ? "" : "1");
  setPresence();
  channel.postMessage({ presence: true });
  showPresence();
});
tell.addEventListener("click", () => Notification.requestPermission().then(showPresence));
document.getElementById("ring-answer")?.addEventListener("click", () => {
  const call = box.dataset.call ?? "";
  store(ANSWERED, call, sessionStorage);
  location.assign(`/calls/${encodeURIComponent(call)}/live`);
});
document.getElementById("ring-decline")?.addEventListener("click", () => decline(box.dataset.call ?? ""));
showPresence();
showLeft(waiting);
channel.postMessage({ hello: true });
