// @ts-check
/** What the others are heard and seen by: a sound for each, and the headset's live picture. */
import { $, banner } from "./page.js";

/** @param {import("./call.js").LiveCall} call */
export function playAll(call) {
  call.on("stream", ({ party, stream }) => play(call, party, stream));
  call.on("gone", (party) => document.getElementById(`sound-${party}`)?.remove());
  // Browsers that play nothing before a person has done something play it then.
  document.addEventListener("pointerdown", () => {
    for (const sound of document.querySelectorAll("audio")) if (sound.paused && sound.srcObject) sound.play().catch(() => {});
  });
}

/** @param {import("./call.js").LiveCall} call @param {string} party @param {MediaStream} stream */
function play(call, party, stream) {
  let sound = /** @type {HTMLAudioElement | null} */ (document.getElementById(`sound-${party}`));
  if (!sound) {
    sound = document.createElement("audio");
    sound.id = `sound-${party}`;
    $("sounds").append(sound);
  }
  if (sound.srcObject !== stream) sound.srcObject = stream;
  sound.play().catch(() => banner("Click anywhere to hear the call.", "warn"));
  if (call.party(party)?.kind !== "headset") return;
  for (const video of [$("video"), $("thumb-video")]) {
    if (!video) continue;
    if (video.srcObject !== stream) video.srcObject = stream;
    video.play().catch(() => {});
  }
}
