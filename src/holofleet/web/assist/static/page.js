// @ts-check
/** Elements of a page: found by id, or made. Words go in as words, never as markup. */

/** @param {string} id @returns {any} an element of the page; null where the page does without it */
export const $ = (id) => document.getElementById(id);

/**
 * @param {string} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** How long a line lies over the picture. */
const SAID_MS = 12_000;
let said = 0;

/** The line over the foot of the picture; it goes by itself, so that the picture is whole again. @param {string} words */
export function say(words) {
  const line = $("stage-say");
  line.textContent = words;
  line.classList.remove("past");
  clearTimeout(said);
  said = window.setTimeout(() => line.classList.add("past"), SAID_MS);
}

/** Say what keeps something from being done: over the picture, or where there is none over the page. @param {unknown} error */
export function sayError(error) {
  const words = error instanceof Error ? error.message : "This is not possible now.";
  if ($("desk")?.hidden) banner(words, "hot");
  else say(words);
}

/** The line over the whole page; empty words take it away. @param {string} words @param {"" | "warn" | "hot"} [tone] */
export function banner(words, tone = "") {
  $("banner").hidden = !words;
  $("banner").textContent = words;
  $("banner").className = `banner ${tone}`;
}

/**
 * Make a list show other things: a row that stays is kept, so that the focus and a picture that is shown stay too.
 * @template T
 * @param {HTMLElement} list
 * @param {Iterable<T>} things
 * @param {(thing: T) => string} keyOf
 * @param {(thing: T, row: HTMLElement | null) => HTMLElement} show makes a row, or mends the one that is there
 */
export function renew(list, things, keyOf, show) {
  /** @type {Map<string, HTMLElement>} */
  const known = new Map();
  for (const row of list.children) if (row instanceof HTMLElement && row.dataset.row) known.set(row.dataset.row, row);
  const rows = [...things].map((thing) => {
    const key = keyOf(thing);
    const row = show(thing, known.get(key) ?? null);
    row.dataset.row = key;
    return row;
  });
  const there = new Set(rows);
  for (const row of [...list.children]) if (!there.has(/** @type {HTMLElement} */ (row))) row.remove();
  for (const [at, row] of rows.entries()) if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
}

/** @param {Element} element @param {string} words */
export function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
