// @ts-check
/**
 * The page on which an expert answers and holds one call. It shows what the server says of the call, and asks the server
 * for everything that the server decides.
 */
import { Chooser } from "./choosing.js";
import { Desk } from "./desk.js";
import { join as guests } from "./guests.js";
import { join as inserting } from "./inserting.js";
import { join as keeping } from "./keeping.js";
import { Media } from "./media.js";
import { $, banner, say, sayError } from "./page.js";
import { showOver, showPlate, showRinging, shown } from "./plates.js";
import { join as recording } from "./recording.js";
import { join as side } from "./side.js";
import { AssistSocket, RefusedError } from "./socket.js";
import { join as toolbar, onClicks } from "./toolbar.js";
import { join as top } from "./top.js";

/** What a page of an expert has around the stage, each in a module of its own. @type {((desk: Desk) => unknown)[]} */
const JOINING = [top, side, toolbar, inserting, keeping, guests, recording];
const ANSWERED = "holofleet-answered";

const id = document.body.dataset.call ?? "";
const socket = new AssistSocket("expert");
const media = new Media();
/** @type {Desk | null} */
let desk = null;

socket.on("up", ({ calls }) => {
  banner("");
  if (desk) return;
  const found = calls.find((/** @type {any} */ one) => one.id === id);
  if (!found || found.state === "ended") return over(found ?? null);
  begin(found);
});
socket.on("down", () => banner("The server does not answer. The call goes on; trying again ...", "warn"));
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
  $("answer").disabled = true;
  await openMicrophone();
  try {
    await desk?.call.accept();
  } catch (error) {
    banner(error instanceof RefusedError ? error.message : "It could not be answered. Try again.", "hot");
    $("answer").disabled = false;
  }
}

async function openMicrophone() {
  if (media.microphone) return;
  try {
    await media.open({ camera: false });
  } catch {
    banner("The microphone cannot be used: others do not hear you. Allow it beside the address, then load the page again.", "warn");
  }
}

/** @param {any} view */
function showView(view) {
  const state = desk?.seat?.state;
  if (!desk || view.state === "ended" || state === "ringing") return;
  if (state === "left") return over(view);
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
  decline: () => socket.request("call.decline", { call: id, reason: "not-now" }),
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
$("sure").addEventListener("close", async () => {
  const wanted = $("sure").returnValue;
  $("sure").returnValue = "";
  try {
    if (wanted === "end") await desk?.call.end();
    else if (wanted === "leave") await desk?.call.leave();
  } catch (error) {
    sayError(error);
  }
});
window.addEventListener("beforeunload", (event) => {
  if (shown === "desk") event.preventDefault();
});
socket.open();
