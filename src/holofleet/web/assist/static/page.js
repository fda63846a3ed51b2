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

/** The line below the picture. @param {string} words */
export function say(words) {
  $("stage-say").textContent = words;
}

/** @param {unknown} error */
export function sayError(error) {
  say(error instanceof Error ? error.message : "This is not possible now.");
}

/** The line over the whole page; empty words take it away. @param {string} words @param {"" | "warn" | "hot"} [tone] */
export function banner(words, tone = "") {
  $("banner").hidden = !words;
  $("banner").textContent = words;
  $("banner").className = `banner ${tone}`;
}
