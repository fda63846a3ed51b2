// @ts-check
/** The line over a call: who, how long, how good, the code, and whether anything is recorded. */
import { holderOf, nameOf, spaced } from "./beside.js";
import { $, write } from "./page.js";
import { reasonOf } from "./reasons.js";

/** How a grade looks, and its words where the measure has none. @type {Record<string, [string, string]>} */
const QUALITY = {
  optimal: ["good", "Good picture"],
  minimum: ["good", "Enough"],
  reduced: ["warn", "Reduced"],
  stills: ["warn", "Pictures only"],
  audio: ["warn", "Sound only"],
  none: ["hot", "No connection"],
};

/** @typedef {import("./desk.js").Desk} Desk */

/** @param {Desk} desk */
export function join(desk) {
  const { call } = desk;
  const show = () => showCode(desk);
  desk.on("view", (view) => {
    if (view.state === "ended" || !["joining", "joined", "reconnecting"].includes(desk.seat?.state)) return;
    showWho(desk);
    if (!$("record")) showRecording(view.recording?.state ?? "none"); // recording.js says more
    show();
  });
  call.on("code", show);
  countTime(desk);
  watchQuality(desk);
}

/** @param {Desk} desk */
function showWho({ headset }) {
  $("title").textContent = headset?.name ?? "Call";
  $("who").textContent = headset ? holderOf(headset) : "";
  document.title = `${headset ? nameOf(headset) : "Call"} · call · holofleet`;
}

/** @param {string} state */
function showRecording(state) {
  $("recording").className = `tag ${state === "none" ? "" : "hot"}`;
  $("recording").lastElementChild.textContent =
    state === "on" ? "Recorded" : state === "asked" ? "Recording is asked for" : "Not recorded";
}

/** @param {Desk} desk */
function showCode({ headset, call }) {
  const code = headset ? call.code(headset.id) : "";
  $("code").hidden = !code;
  $("code").lastElementChild.textContent = code ? `Code ${spaced(code)}` : "";
}

/** @param {Desk} desk */
function countTime({ call, socket }) {
  const timer = setInterval(() => {
    const { started } = call.view;
    $("time").hidden = !started;
    if (!started) return;
    const seconds = Math.max(0, Math.floor((socket.now() - started) / 1000));
    $("time").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  }, 1_000);
  call.on("ended", () => clearInterval(timer));
}

/** @param {Desk} desk */
async function watchQuality({ call, headset }) {
  // It measures beside the call, which goes on without it.
  const found = await import("./quality.js").catch(() => null);
  if (!found || !headset) return;
  const watch = new found.QualityWatch(call, { party: headset.id });
  let sent = 0;
  let why = "";
  call.on("message", ({ party, message }) => {
    if (party !== headset.id || message.type !== "quality" || !Number.isInteger(message.step)) return;
    sent = message.step;
    why = String(message.why ?? "");
  });
  call.on("ended", () => watch.close());
  watch.on("grade", ({ grade, words, sample }) => {
    const [tone, short] = QUALITY[grade] ?? ["", words];
    const tag = $("quality");
    tag.hidden = false;
    tag.className = `tag ${tone}`;
    write(tag.lastElementChild, [words || short, reasonOf(grade, sample ?? {}, sent, why)].filter(Boolean).join(": "));
    const size = sample?.width ? `${sample.width} x ${sample.height}` : "";
    const kbps = sample?.down_kbps ? `${(sample.down_kbps / 1000).toFixed(1)} Mbit/s` : "";
    const fps = sample?.fps ? `${Math.round(sample.fps)} pictures a second` : "";
    tag.title = [size, kbps, fps].filter(Boolean).join(", ");
  });
}
