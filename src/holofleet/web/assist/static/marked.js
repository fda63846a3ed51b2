// @ts-check
/**
 * Draws the marks of a call over its recording, at the time at which each was made. Marks on pictures that were sent
 * apart are not part of the recording: those are told in words alone. What is told stands on the page as a list.
 */
import { fold, isMarkEvent } from "./marks.js";
import { drawMarks } from "./marks_view.js";
import { $, element } from "./page.js";

const LIVE = "live";

/** @typedef {{row: HTMLTableRowElement, at: number, words: string}} Step */

const video = /** @type {HTMLVideoElement} */ (document.querySelector("video.played"));
const data = JSON.parse($("marked").dataset.marks);
const began = Number($("marked").dataset.began);
const names = new Map(data.parties.map((/** @type {any} */ one) => [one.id, one.name]));
const events = data.events.filter((/** @type {unknown} */ event) => isMarkEvent(event, data.call.id));
/** @type {Step[]} Seconds from the beginning of the recording; below 0 for what was drawn before. */
const steps = [...$("marked-steps").querySelectorAll("tbody tr")].map((row) => ({
  row,
  at: Number(row.dataset.at),
  words: [...row.cells].slice(1).map((cell) => cell.textContent.trim()).join(" "),
}));
let shown = true;
let drawn = "";
let told = -1;

/** How many events there are at a time of the recording; at its end all: what was sent of it may be a little shorter. @param {number} seconds */
function until(seconds) {
  if (isOver()) return events.length;
  const moment = began + seconds * 1000;
  const later = events.findIndex((/** @type {any} */ event) => event.t > moment);
  return later < 0 ? events.length : later;
}

function isOver() {
  return Number.isFinite(video.duration) && video.currentTime >= video.duration - 0.1;
}

function draw() {
  const count = shown ? until(video.currentTime + 0.05) : 0; // a step is told to a hundredth of a second
  const [width, height] = [video.videoWidth || 1920, video.videoHeight || 1080];
  const state = `${count} ${width} ${height}`;
  if (state !== drawn) {
    drawn = state;
    drawMarks($("marked-marks"), fold(events.slice(0, count), LIVE), { width, height, names });
  }
  const last = isOver() ? steps.length - 1 : steps.findLastIndex((step) => step.at <= video.currentTime + 0.05);
  if (last === told) return;
  told = last;
  for (const step of steps) step.row.removeAttribute("aria-current");
  steps[last]?.row.setAttribute("aria-current", "step");
  $("marked-say").textContent = steps[last]?.words ?? "";
}

function follow() {
  draw();
  if (!video.paused && !video.ended) requestAnimationFrame(follow);
}

/** @param {boolean} on */
function turn(on) {
  shown = on;
  $("marked-switch").setAttribute("aria-pressed", String(on));
  draw();
}

for (const step of steps) {
  const cell = step.row.lastElementChild;
  const button = element("button", { type: "button", class: "link" }, cell?.textContent ?? "");
  button.addEventListener("click", () => {
    video.currentTime = Math.max(0, step.at);
    draw();
  });
  cell?.replaceChildren(button);
}
for (const happened of ["timeupdate", "seeking", "seeked", "loadedmetadata"]) video.addEventListener(happened, draw);
video.addEventListener("play", follow);
$("marked-switch").addEventListener("click", () => turn(!shown));
$("marked-switch").hidden = false;
draw();
