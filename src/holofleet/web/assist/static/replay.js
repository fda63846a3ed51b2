// @ts-check
/**
 * Draws what was marked in a call that is over, step by step. The steps stand on the page, in words and in order; this
 * draws the picture as it was after each.
 */
import { save } from "./keep.js";
import { fold, isMarkEvent } from "./marks.js";
import { drawMarks } from "./marks_view.js";
import { $, element } from "./page.js";

/** Between two steps of the replay, however long it was in the call: never too fast to see, never long to wait. */
const LEAST_MS = 500;
const MOST_MS = 2_500;

/** @typedef {{row: HTMLElement, last: number, base: string, time: number, words: string}} Step */

const data = JSON.parse($("replay").dataset.marks);
const names = new Map(data.parties.map((/** @type {any} */ one) => [one.id, one.name]));
const pictures = new Map(data.pictures.map((/** @type {any} */ one) => [one.id, one]));
/** @type {Step[]} */
const steps = [...$("replay-steps").querySelectorAll("tbody tr")].map((row) => ({
  row,
  last: Number(row.dataset.last),
  base: row.dataset.base,
  time: Date.parse(row.querySelector("time").dateTime),
  words: [...row.cells].map((cell) => cell.textContent.trim()).join(" · "),
}));
let at = steps.length - 1;
let timer = 0;

/** @param {number} step */
function show(step) {
  at = Math.min(steps.length - 1, Math.max(0, step));
  const { last, base, words, row } = steps[at];
  const done = data.events.slice(0, last).filter((/** @type {unknown} */ event) => isMarkEvent(event, data.call.id));
  const picture = pictures.get(base) ?? { name: "", width: 1920, height: 1080 };
  drawMarks($("replay-marks"), fold(done, base), { width: picture.width, height: picture.height, names });
  $("replay-where").textContent = picture.name;
  $("replay-say").textContent = `Step ${at + 1} of ${steps.length}: ${words}`;
  $("replay-at").value = String(at);
  $("replay-at").setAttribute("aria-valuetext", `Step ${at + 1} of ${steps.length}`);
  for (const one of steps) one.row.removeAttribute("aria-current");
  row.setAttribute("aria-current", "step");
  for (const [id, off] of [["replay-first", at === 0], ["replay-back", at === 0], ["replay-next", at === steps.length - 1], ["replay-last", at === steps.length - 1]]) {
    $(/** @type {string} */ (id)).disabled = off;
  }
}

function stop() {
  clearTimeout(timer);
  timer = 0;
  $("replay-play").textContent = "Play";
  $("replay-play").setAttribute("aria-pressed", "false");
}

function play() {
  if (timer) return stop();
  if (at === steps.length - 1) show(0);
  $("replay-play").textContent = "Pause";
  $("replay-play").setAttribute("aria-pressed", "true");
  const next = () => {
    if (at >= steps.length - 1) return stop();
    const wait = Math.min(MOST_MS, Math.max(LEAST_MS, steps[at + 1].time - steps[at].time));
    timer = window.setTimeout(() => {
      show(at + 1);
      next();
    }, wait);
  };
  next();
}

/** By hand: whoever steps looks, so nothing goes on by itself. @param {number} step */
function go(step) {
  stop();
  show(step);
}

if (steps.length) {
  $("replay").hidden = false;
  for (const [number, step] of steps.entries()) {
    const cell = step.row.lastElementChild;
    const button = element("button", { type: "button", class: "link" }, cell?.textContent ?? "");
    button.addEventListener("click", () => go(number));
    cell?.replaceChildren(button);
  }
  $("replay-first").addEventListener("click", () => go(0));
  $("replay-back").addEventListener("click", () => go(at - 1));
  $("replay-next").addEventListener("click", () => go(at + 1));
  $("replay-last").addEventListener("click", () => go(steps.length - 1));
  $("replay-play").addEventListener("click", play);
  $("replay-at").addEventListener("input", () => go(Number($("replay-at").value)));
  $("replay-save").addEventListener("click", () => {
    save(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }), `marks-${data.call.id.slice(0, 8)}.json`);
  });
  show(at);
}
