// @ts-check
/**
 * Rings on every page of the console while an expert may be called: words, a sound, the title, a notification.
 *
 * One page of a browser holds the socket, whichever has the lock; the others hear from it. So a second window neither
 * rings twice nor takes the socket of a call that is open beside it.
 */
import { AssistSocket } from "./socket.js";

const LOCK = "holofleet-ring";
const AWAY = "holofleet-away";
const ANSWERED = "holofleet-answered";
const AGAIN_MS = 3_000;
const box = /** @type {HTMLElement} */ (document.getElementById("ring"));
const words = /** @type {HTMLElement} */ (document.getElementById("ring-words"));
const presence = /** @type {HTMLButtonElement} */ (document.getElementById("presence"));
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
  held.on("up", ({ calls }) => {
    const mine = calls.filter((/** @type {any} */ one) => isRinging(one));
    rings = new Map(mine.map((/** @type {any} */ one) => [one.id, ofView(one)]));
    setPresence();
    told();
  });
  held.on("call.ring", (ring) => {
    rings.set(ring.call, { call: ring.call, name: ring.from.holder?.name || ring.from.name, label: ring.from.label, asset: ring.asset });
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
    held.on("closed", () => {
      socket = null;
      release(undefined);
    });
    held.open();
  });
});

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
  else if (data.presence) {
    setPresence();
    showPresence();
  } else if (data.hello && socket) told();
};

/** @param {string} call @param {boolean} [first] */
function decline(call, first = true) {
  if (socket) socket.tell("call.decline", { call, reason: "not-now" });
  else if (first) channel.postMessage({ decline: call });
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
  const about = [ring.label, ring.asset && `Asset ${ring.asset}`, rings.size > 1 && `${rings.size - 1} more`];
  const small = document.createElement("small");
  small.textContent = about.filter(Boolean).join(" · ");
  const name = document.createElement("b");
  name.textContent = `${ring.name} is calling`;
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
  presence.dataset.state = away ? "away" : "ready";
  presence.textContent = away ? "Away: no calls" : "Available for calls";
  tell.hidden = away || !("Notification" in window) || Notification.permission !== "default";
}

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
channel.postMessage({ hello: true });
