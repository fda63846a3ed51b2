// @ts-check
/** The screens of the page on the headset: which is shown, and what stands on it. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {{words: string, icon: string, small?: string, kind?: string, act: () => unknown}} Key */
/** @typedef {{who?: string, about?: string, title: string, lines?: [string, string][], keys: Key[], below?: Node}} Plate */

/**
 * @param {string} id
 * @returns {any} an element of the page
 */
export function at(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${at("h").dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} parts
 */
export function made(tag, className, ...parts) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...parts);
  return element;
}

/** @param {string} id */
export function show(id) {
  for (const screen of document.querySelectorAll(".screen")) /** @type {HTMLElement} */ (screen).hidden = screen.id !== id;
}

/** Whether a screen is shown now. @param {string} id */
export function isShown(id) {
  return !at(id).hidden;
}

/** What stands on the plate, and what its keys do. */
let plated = "";
/** @type {Key[]} */
let ways = [];

/**
 * Say one thing, with at most three ways on, and one more thing to set below it. Said again, the same keys stay: a tap
 * that has begun on one is not lost.
 * @param {Plate} plate
 */
export function showPlate({ who = "", about = "", title, lines = [], keys, below }) {
  const now = JSON.stringify([who, about, title, lines, keys]);
  ways = keys;
  if (now !== plated) {
    at("plate-who").textContent = who;
    at("plate-about").textContent = about;
    at("plate-title").textContent = title;
    at("plate-lines").replaceChildren(...lines.map(([name, words]) => made("li", "", icon(name), words)));
    at("plate-keys").replaceChildren(...keys.map((one, place) => key({ ...one, act: () => ways[place]?.act() })));
  }
  plated = now;
  at("plate-below").replaceChildren(...(below ? [below] : []));
  show("plate");
}

/** @param {Key} of */
export function key({ words, icon: name, small = "", kind = "", act }) {
  const button = /** @type {HTMLButtonElement} */ (made("button", `key ${kind}`, icon(name), words));
  button.type = "button";
  if (small) button.append(made("small", "", small));
  button.addEventListener("click", () => act());
  return button;
}

/**
 * Write a tag: its words, its picture, and whether it is good or bad.
 * @param {Element} tag
 * @param {{words: string, icon: string, kind?: string}} now
 */
export function write(tag, { words, icon: name, kind = "" }) {
  tag.classList.remove("good", "warn", "hot");
  if (kind) tag.classList.add(kind);
  const text = tag.querySelector("span");
  if (text && text.textContent !== words) text.textContent = words;
  const use = tag.querySelector("use");
  const href = `${at("h").dataset.icons}#${name}`;
  if (use && use.getAttribute("href") !== href) use.setAttribute("href", href);
}

/**
 * @param {string} query
 * @param {{words: string, icon: string, kind?: string}} now
 */
export function writeAll(query, now) {
  for (const tag of document.querySelectorAll(query)) write(tag, now);
}

/**
 * Press a key that stays pressed.
 * @param {string} id
 * @param {boolean} pressed
 * @param {string} words
 */
export function press(id, pressed, words) {
  const button = at(id);
  button.setAttribute("aria-pressed", String(pressed));
  button.querySelector("span").textContent = words;
}
