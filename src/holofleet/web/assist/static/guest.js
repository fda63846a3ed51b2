// @ts-check
/** The page of a guest: a link is opened, somebody asks to be let in, waits, takes part, and is gone. */
import { Desk } from "./desk.js";
import { GivenBackError, Media } from "./media.js";
import { join as narrow } from "./narrow.js";
import { $, banner, say } from "./page.js";
import { join as side } from "./side.js";
import { AssistSocket } from "./socket.js";
import { join as toolbar, onClicks } from "./toolbar.js";
import { join as top } from "./top.js";

const KNOCK_MS = 4_000;
const HINT_MS = 10_000;
const PARTS = ["opening", "asking", "lobby", "over", "desk"];
/** Why a guest is not in the call any more. @type {Record<string, string>} */
const REASONS = {
  "hung-up": "The call has ended.",
  "time-over": "A guest can stay for an hour.",
  withdrawn: "Your invitation was taken back.",
  "not-allowed": "The rules of this call do not allow guests any more.",
  lost: "Your connection was lost for too long.",
  "no-connection": "No connection could be made. A firewall may be in between: try another network.",
};

const socket = new AssistSocket("guest");
const media = new Media();
/** @type {Desk | null} */
let desk = null;
/** @type {{by: string, words: string, name: string} | null} */
let invitation = null;
let shown = "";
let waiting = 0;
let token = location.hash.slice(1);

/** @param {string} part */
function show(part) {
  if (shown === part) return;
  shown = part;
  for (const one of PARTS) $(one).hidden = one !== part;
  for (const one of ["acts", "recording"]) $(one).hidden = part !== "desk";
  document.body.dataset.state = part;
}

/** @param {string} path @param {RequestInit} [init] @returns {Promise<{ok: boolean, heard: boolean, body: any}>} */
async function ask(path, init) {
  try {
    const answer = await fetch(path, { ...init, cache: "no-store" });
    return { ok: answer.ok, heard: true, body: await answer.json() };
  } catch {
    return { ok: false, heard: false, body: { words: "The server does not answer. Load the page again in a moment." } };
  }
}

// Before the call

async function begin() {
  const before = await ask("/g/invitation");
  if (before.ok && before.body.by) return invited(before.body);
  if (token) return show("opening");
  over("There is no invitation here", before.body.words);
}

async function open() {
  banner("Opening the invitation ...");
  const answer = await ask("/g/open", { method: "POST", body: new URLSearchParams({ token }) });
  banner("");
  if (!answer.heard) return banner("The server does not answer. Open the invitation again in a moment.", "warn");
  // The secret is used up: it has no place in the address or in the history any more.
  token = "";
  history.replaceState(null, "", location.pathname);
  if (answer.ok) invited(answer.body);
  else over("This link does not count", answer.body.words);
}

/** @param {any} body */
function invited(body) {
  invitation = body;
  history.replaceState(null, "", location.pathname);
  $("asking-title").textContent = `${body.by} invites you to a call`;
  $("name").value = body.name;
  socket.open();
  show("asking");
  $("name").focus();
}

async function tryMicrophone() {
  try {
    if (!media.microphone) await media.open({ camera: false });
    $("level").hidden = false;
    $("try-say").textContent = "Say something: the bar moves when you are heard.";
    watchLevel();
  } catch (error) {
    if (error instanceof GivenBackError) return;
    $("try-say").textContent = "The microphone cannot be used: others would not hear you. Allow it beside the address.";
  }
}

/** Show how loud the microphone is, until the call begins. */
function watchLevel() {
  if (!media.microphone) return;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([media.microphone])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (shown !== "asking" && shown !== "lobby") {
      clearInterval(timer);
      return context.close();
    }
    analyser.getFloatTimeDomainData(samples);
    $("level").value = Math.min(1, 4 * Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length));
  }, 100);
}

/** Ask to be let in, and go on asking: whoever waits is there. */
async function knock() {
  clearTimeout(waiting);
  const name = $("name").value.trim();
  if (!name || desk || shown === "over") return;
  try {
    const { state, by } = await socket.request("guest.knock", { name });
    if (desk) return;
    $("lobby-title").textContent = state === "early" ? `${by} has not begun the call yet` : `Waiting until ${by} lets you in`;
    $("lobby-say").textContent = state === "early" ? "You are let in from here once it has begun." : "They see your name and that you wait.";
  } catch (error) {
    $("lobby-say").textContent = error instanceof Error ? error.message : "";
  }
  if (!desk && shown === "lobby") waiting = window.setTimeout(knock, KNOCK_MS);
}

async function wait() {
  $("lobby-title").textContent = `Asking ${invitation?.by ?? "the expert"} ...`;
  show("lobby");
  $("lobby-title").focus();
  knock();
  await tryMicrophone();
}

socket.on("up", ({ calls }) => {
  banner("");
  const [found] = calls.filter((/** @type {any} */ one) => one.state !== "ended");
  if (found && !desk) enter(found);
});
socket.on("down", () => shown === "over" || banner("The server does not answer. Trying again ...", "warn"));
socket.on("call.state", ({ call }) => desk || call.state === "ended" || enter(call));
socket.on("closed", ({ code }) => {
  if (shown === "over") return;
  if (code === 4409) return over("This call is open in another window", "Go on there.");
  const inside = shown === "desk";
  over(inside ? "You are out of the call" : "You were not let in", inside ? REASONS.withdrawn : "The invitation does not count any more.");
});

// In the call

/** @param {any} view */
async function enter(view) {
  desk = new Desk({ socket, media, view, keeps: "own", freezes: false });
  desk.on("view", showView);
  desk.on("ended", (/** @type {any} */ last) => left(last));
  for (const join of [top, side, toolbar, narrow]) join(desk);
  if (media.microphone) return;
  await media.open({ camera: false }).catch((error) => {
    if (!(error instanceof GivenBackError)) banner("The microphone cannot be used: others do not hear you.", "warn");
  });
}

/** @param {any} view */
function showView(view) {
  if (!desk || view.state === "ended" || shown === "over") return;
  if (desk.seat?.state === "left") {
    desk.call.close();
    return left(view);
  }
  const first = shown !== "desk";
  show("desk");
  document.title = "Call · holofleet";
  showConsent(view);
  if (!first) return;
  desk.stage.layout();
  $("stage").focus();
  const hint = "You can point now. Marks go onto pictures that an expert freezes.";
  say(hint);
  setTimeout(() => $("stage-say").textContent === hint && say(""), HINT_MS);
}

/** A recording is asked for, or goes on: said for as long as it does, so that it can be stopped. @param {any} view */
function showConsent(view) {
  const { state, answers, words } = view.recording;
  const agreed = answers[view.me] === true;
  $("consent").hidden = state === "none" || telling;
  if (state === "none") return;
  $("consent-title").textContent = agreed ? "You agreed to a recording" : "May this call be recorded?";
  $("consent-words").textContent = [words?.what, words?.kept, words?.stop].filter(Boolean).join(". ");
  $("agree").hidden = agreed;
  $("disagree").textContent = agreed ? "Stop recording" : "No recording";
}

let telling = false;

/** Agree to a recording, or not, or not any more. @param {boolean} agree */
async function consent(agree) {
  if (telling || !desk) return;
  telling = true;
  $("consent").hidden = true;
  say("The server is told ...");
  try {
    await socket.request("record.answer", { call: desk.call.id, agree });
    say("");
  } catch {
    say(agree ? "The server did not hear it. You are asked again." : "The server did not hear your no. Leave the call to be sure.");
  } finally {
    telling = false;
    if (desk && shown === "desk") showConsent(desk.call.view);
  }
}

/** Go: nothing more is sent, whatever the server says. */
async function leave() {
  const told = desk?.call.leave().catch(() => {});
  media.close();
  if (socket.isReady) await told;
  over("You left the call", "The link does not bring you back.");
}

/** @param {any} view */
function left(view) {
  const reason = view?.parties?.find((/** @type {any} */ one) => one.id === view.me)?.why || view?.ended?.reason || "hung-up";
  const own = shown === "desk" && reason === "hung-up" && view?.state !== "ended";
  over(own ? "You left the call" : "The call is over for you", own ? "The link does not bring you back." : (REASONS[reason] ?? REASONS["hung-up"]));
}

/** Nothing more is sent, and nothing stays in this browser. @param {string} title @param {string} why */
function over(title, why) {
  if (shown === "over") return;
  clearTimeout(waiting);
  media.close();
  desk?.call.close();
  socket.close();
  banner("");
  /** @type {HTMLElement} */ (document.querySelector(".tags")).hidden = true;
  $("title").textContent = "Call";
  document.title = "Call · holofleet";
  $("over-title").textContent = title;
  $("over-why").textContent = why;
  show("over");
  $("over-title").focus();
  if (invitation) fetch("/g/over", { method: "POST" }).catch(() => {});
}

onClicks({
  open,
  try: tryMicrophone,
  "give-up": () => over("You do not wait any more", "The link does not bring you back. Ask for another one."),
  end: leave,
});
$("ask").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  wait();
});
for (const button of document.querySelectorAll("[data-agree]")) {
  button.addEventListener("click", () => consent(Boolean(/** @type {HTMLElement} */ (button).dataset.agree)));
}
window.addEventListener("beforeunload", (event) => {
  if (shown === "desk") event.preventDefault();
});
begin();
