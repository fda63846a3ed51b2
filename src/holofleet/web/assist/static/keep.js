// @ts-check
/**
 * What an expert takes away from a call: a picture with its marks, the log of all marks, a sheet of steps to print.
 * Everything is made in this page; nothing goes anywhere else.
 */
import { drawMarks, inWords } from "./marks_view.js";

/** @typedef {import("./marks.js").Mark} Mark */
/** @typedef {import("./marks.js").MarkLog} MarkLog */
/** @typedef {{width: number, height: number, names: Map<string, string>}} Look */

/** Offer a blob under a name, as a download. @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {Mark[]} marks @param {Look} look */
function overlay(marks, look) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawMarks(svg, marks, look);
  return svg;
}

/**
 * A picture with its marks drawn in, at the picture's own size.
 * @param {CanvasImageSource} source
 * @param {Mark[]} marks
 * @param {Look} look
 * @returns {Promise<Blob>}
 */
export async function flattened(source, marks, look) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [look.width, look.height];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(source, 0, 0, look.width, look.height);
  const svg = overlay(marks, look);
  svg.setAttribute("width", String(look.width));
  svg.setAttribute("height", String(look.height));
  const text = new XMLSerializer().serializeToString(svg);
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    context.drawImage(image, 0, 0);
  } finally {
    URL.revokeObjectURL(url);
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture cannot be made."))), "image/png"),
  );
}

/**
 * Everything that was marked, as data from which any side can draw it again.
 * @param {MarkLog} log
 * @param {any} view the call
 * @param {{id: string, name: string, width: number, height: number}[]} pictures
 */
export function asData(log, view, pictures) {
  const parties = view.parties.map(({ id, kind, name, label }) => ({ id, kind, name, label }));
  const about = { id: view.id, started: view.started, asset: view.asset, work_order: view.work_order };
  const shown = pictures.map(({ id, name, width, height }) => ({ id, name, width, height }));
  const data = { format: "holofleet.marks.v1", call: about, parties, pictures: shown, events: log.events };
  return new Blob([JSON.stringify(data, null, 2)], { type: "application/json" });
}

/**
 * Fill a part of the page with a sheet of steps: every picture that has marks, and its steps in words.
 * @param {HTMLElement} root
 * @param {{title: string, about: string, log: MarkLog, names: Map<string, string>,
 *   pictures: {id: string, name: string, url: string, width: number, height: number}[]}} parts
 * @returns {Promise<number>} how many pictures are on it
 */
export async function fillSheet(root, { title, about, log, names, pictures }) {
  const marked = pictures.filter((picture) => log.marks(picture.id).length);
  const head = element("h1", title);
  const blocks = marked.map((picture) => {
    const marks = log.marks(picture.id);
    const figure = document.createElement("figure");
    const image = new Image(picture.width, picture.height);
    image.src = picture.url;
    image.alt = picture.name;
    const frame = document.createElement("div");
    frame.append(image, overlay(marks, { width: picture.width, height: picture.height, names }));
    figure.append(element("h2", picture.name), frame, stepsOf(marks));
    return { figure, image };
  });
  root.replaceChildren(head, element("p", about), ...blocks.map((block) => block.figure));
  await Promise.all(blocks.map((block) => block.image.decode().catch(() => {})));
  return marked.length;
}

/** @param {Mark[]} marks */
function stepsOf(marks) {
  const steps = marks.filter((mark) => mark.kind === "step").sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
  const list = document.createElement("ol");
  for (const step of steps) {
    const item = element("li", step.text || "See the mark in the picture.");
    item.value = step.number ?? 1;
    list.append(item);
  }
  const others = marks.filter((mark) => mark.kind === "text");
  const rest = document.createElement("ul");
  rest.append(...others.map((mark) => element("li", inWords(mark))));
  const all = document.createElement("div");
  all.append(...[list, rest].filter((one) => one.childElementCount));
  return all;
}

/** @template {keyof HTMLElementTagNameMap} T @param {T} name @param {string} text */
function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
