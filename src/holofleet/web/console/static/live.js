// The connection of a live page, and the words beside its dot. htmx reads the stream and swaps what it brings.
//
// A browser opens six connections to a server for all its windows together, and a stream keeps one for itself: too
// many streams, and no page loads any more. So a page in the background has none, and a browser at most MOST.

const MOST = 4;
const FULL_MS = 5_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
const PATIENCE_MS = 10_000;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const live = document.getElementById("live");

let state = "idle"; // idle, opening, open
let release = null; // gives the place of this page back
let again = 0; // the timer of the next try
let delay = FIRST_MS;
let lost = 0; // the timer after which a lost stream is told

function say(to, words) {
  if (live.dataset.live === to) return;
  live.dataset.live = to;
  document.getElementById("live-words").textContent = words;
}

function lose() {
  if (lost) return;
  const since = new Date();
  lost = setTimeout(() => say("lost", `Not live since ${clock.format(since)}`), PATIENCE_MS);
}

function found() {
  clearTimeout(lost);
  lost = 0;
  delay = FIRST_MS;
  say("on", "Live");
}

function place(number) {
  return new Promise((answer) => {
    const asked = navigator.locks.request(`holofleet-live-${number}`, { ifAvailable: true }, (lock) => {
      if (!lock) return answer(null);
      return new Promise((done) => answer(done));
    });
    asked.catch(() => answer(() => {})); // a browser without locks: better live than right about others
  });
}

async function anyPlace() {
  if (!navigator.locks) return () => {};
  for (let number = 0; number < MOST; number += 1) {
    const given = await place(number);
    if (given) return given;
  }
  return null;
}

function letGo() {
  release?.();
  release = null;
}

function later(wait) {
  clearTimeout(again);
  again = setTimeout(open, wait);
}

async function open() {
  clearTimeout(again);
  if (state !== "idle" || document.hidden) return;
  state = "opening";
  release = await anyPlace();
  if (!release || document.hidden) {
    state = "idle";
    letGo();
    if (document.hidden) return;
    clearTimeout(lost);
    lost = 0;
    say("full", `Not live: ${MOST} other windows are`);
    later(FULL_MS);
    return;
  }
  live.setAttribute("hx-sse:connect", live.dataset.stream);
  htmx.ajax("GET", live.dataset.stream, { source: live, timeout: 20_000 });
}

// Not to be had, or over: whoever may not read it is told so, everybody else tries again, less and less often.
function ended() {
  if (state === "idle") return;
  state = "idle";
  letGo();
  if (document.hidden || live.dataset.live === "out") return;
  later(delay * (0.75 + Math.random() / 2));
  delay = Math.min(2 * delay, LONGEST_MS);
}

if (live) {
  live.addEventListener("htmx:sse:before:connection", (event) => {
    // The page was in the background and gave its place away: it starts anew, by open(). Or its person is gone.
    if (!release || live.dataset.live === "out") event.preventDefault();
  });
  live.addEventListener("htmx:sse:after:connection", () => {
    state = "open";
    found();
    // It came while the page went to the background, when nobody listened to that yet.
    if (document.hidden) setTimeout(() => document.dispatchEvent(new Event("visibilitychange")));
  });
  live.addEventListener("htmx:sse:error", lose);
  live.addEventListener("htmx:sse:close", () => {
    if (release) lose();
    ended();
  });
  live.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx?.response?.status === 401) say("out", "Signed out: reload the page");
    else lose();
    ended();
  });
  live.addEventListener("htmx:finally:request", () => {
    if (state !== "opening") return; // else the answer was a stream
    lose();
    ended();
  });
  live.addEventListener("signed-out", () => say("out", "Signed out: reload the page"));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) letGo();
    else open();
  });
  open();
}
