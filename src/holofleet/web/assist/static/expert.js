// @ts-check
/**
 * The page on which an expert answers and holds one call. It shows what the server says of the call, and asks the server
 * for everything that the server decides.
 */
import { nameOf } from "./beside.js";
import { Chooser } from "./choosing.js";
import { comings } from "./comings.js";
import { Desk } from "./desk.js";
import { join as guests } from "./guests.js";
import { join as inserting } from "./inserting.js";
import { join as keeping } from "./keeping.js";
import { GivenBackError, Media } from "./media.js";
import { join as narrow } from "./narrow.js";
import { $, banner, say } from "./page.js";
import { showEnding, showOver, showPlate, showRinging, shown } from "./plates.js";
import { join as recording } from "./recording.js";
import { join as side } from "./side.js";
import { AssistSocket, RefusedError } from "./socket.js";
import { join as toolbar, onClicks } from "./toolbar.js";
import { join as top } from "./top.js";

/** What a page of an expert has around the stage, each in a module of its own. @type {((desk: Desk) => unknown)[]} */
const JOINING = [top, side, toolbar, inserting, keeping, guests, recording, narrow];
const ANSWERED = "holofleet-answered";

const id = document.body.dataset.call ?? "";
const socket = new AssistSocket("expert");
const media = new Media();
/** @type {Desk | null} */
let desk = null;
/** How the call stood before. @type {any} */
let former = null;
/** Whether the person has said no to it. */
let declined = false;

socket.on("up", ({ calls }) => {
  banner("");
  if (desk) return;
  const found = calls.find((/** @type {any} */ one) => one.id === id);
  if (!found || found.state === "ended") return over(found ?? null);
  begin(found);
});
socket.on("down", () => shown === "over" || banner("The server does not answer. The call goes on; trying again ...", "warn"));
socket.on("closed", ({ code }) => {
  if (code === 4409) banner("This call was opened in another window.", "hot");
  else if (shown !== "over") banner("You were signed out. Sign in again, then open this page again.", "hot");
});
socket.on("file", (message) => {
  if (message.call !== id || !message.file.name) return;
  say(`${desk?.names.get(message.from) ?? "Somebody"} sends ${message.file.name}.`);
});

/** @param {any} view */
function begin(view) {
  desk = new Desk({ socket, media, view });
  desk.on("view", showView);
  desk.on("ended", over);
  for (const join of JOINING) join(desk);
  if (desk.seat?.state === "ringing") ring(view);
  else openMicrophone(); // the page was loaded again in a call that goes on
}

/** @param {any} view */
function ring(view) {
  showRinging(view);
  let wanted = "";
  try {
    wanted = sessionStorage.getItem(ANSWERED) ?? "";
    sessionStorage.removeItem(ANSWERED);
  } catch {
    // without storage the person taps once more
  }
  if (wanted === id) answer();
  else $("answer").focus();
}

async function answer() {
  if (await isAsked()) banner("The browser asks for the microphone. Allow it: then the call is answered.");
  await openMicrophone();
  if (declined || shown !== "ringing") return;
  try {
    await desk?.call.accept();
  } catch (error) {
    if (declined || shown !== "ringing") return;
    banner(error instanceof RefusedError ? error.message : "It could not be answered. Try again.", "hot");
  }
}

/** Whether the browser asks the person before it gives the microphone. */
async function isAsked() {
  const found = await navigator.permissions?.query({ name: /** @type {any} */ ("microphone") }).catch(() => null);
  return found?.state === "prompt";
}

/** Say no: nothing goes on here any more, whatever is on its way. */
async function decline() {
  declined = true;
  media.close();
  banner("Not now: the caller is told ...");
  try {
    await socket.request("call.decline", { call: id, reason: "not-now" });
  } catch (error) {
    declined = false;
    throw error;
  }
}

/** @param {"end" | "leave"} how */
async function finish(how) {
  const told = how === "end" ? desk?.call.end() : desk?.call.leave();
  media.close();
  showEnding(how);
  try {
    await told;
  } catch (error) {
    over(desk?.call.view);
    if (!(error instanceof RefusedError)) banner("The server does not answer. It ends your part of the call by itself.", "warn");
  }
}

async function openMicrophone() {
  if (media.microphone) return;
  try {
    await media.open({ camera: false });
    banner("");
  } catch (error) {
    if (error instanceof GivenBackError) return;
    banner("The microphone cannot be used: others do not hear you. Allow it beside the address, then load the page again.", "warn");
  }
}

/** @param {any} view */
function showView(view) {
  const state = desk?.seat?.state;
  const news = comings(former, view, nameOf);
  former = view;
  if (!desk || view.state === "ended" || state === "ringing" || shown === "over") return;
  if (state === "left") return over(view);
  if (news.length) say(news.join(" "));
  if (showPlate("desk")) {
    desk.stage.layout();
    $("stage").focus();
  }
  // What the rules of the call do without is not there.
  $("insert").hidden = !view.switches.files;
}

/** @param {any} view */
function over(view) {
  media.close();
  $("over-keep").hidden = !desk?.log.events.length || !view?.switches?.snapshots;
  showOver(view);
}

const chooser = new Chooser($("chooser"), (query) => socket.request("experts.list", { call: id, ...(query ? { query } : {}) }));

onClicks({
  answer,
  decline,
  "hand-over": () =>
    chooser.open("Hand over to", async (to) => {
      await socket.request("call.hand_over", { call: id, to });
      say("Asked. You leave the call when the other expert is connected.");
    }),
  invite: () =>
    chooser.open("Invite into this call", async (to) => {
      await socket.request("call.add", { call: id, to });
      say("Asked to join.");
    }),
  end: () => $("sure").showModal(),
});
$("sure").addEventListener("close", () => {
  const wanted = $("sure").returnValue;
  $("sure").returnValue = "";
  if (wanted === "end" || wanted === "leave") finish(wanted);
});
window.addEventListener("beforeunload", (event) => {
  if (shown === "desk") event.preventDefault();
});
socket.open();
