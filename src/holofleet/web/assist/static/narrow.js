// @ts-check
/**
 * A call on a narrow screen: the picture, six tools, and one button More behind which everything else is. What stands
 * there is the same elements, carried over; on a wider screen they are back where the page has them.
 */
import { $, element } from "./page.js";

const NARROW = matchMedia("(max-width: 1023px)");
/** Tools that stay below the picture: the first six that a page has. */
const FIRST = ["#freeze", "[data-tool=point]", "[data-tool=arrow]", "[data-tool=ink]", "#undo", "#mute", "#camera"];
const MOST_FIRST = 6;

/** @typedef {import("./desk.js").Desk} Desk */

/** @param {Desk} desk */
export function join(desk) {
  const sheet = new Sheet(desk);
  const fit = () => (NARROW.matches ? sheet.carry() : sheet.bringBack());
  NARROW.addEventListener("change", fit);
  fit();
}

class Sheet {
  #desk;
  #sheet = $("sheet-more");
  #button = $("more");
  /** @type {[Comment, Element][]} where everything came from */
  #places = [];
  #unread = 0;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#button.addEventListener("click", () => this.#open(this.#sheet.hidden));
    // Whoever turns to the picture wants to see it.
    $("stage").addEventListener("focus", () => this.#open(false));
    this.#sheet.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      if (/** @type {HTMLElement} */ (event.target).closest("[data-tool]")) $("stage").focus();
    });
    this.#sheet.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#open(false);
      this.#button.focus();
    });
    desk.socket.on("chat", (message) => {
      if (message.call !== desk.call.id || message.from === desk.call.me || !this.#sheet.hidden) return;
      this.#unread += 1;
      this.#draw();
    });
    desk.on("change", () => this.#draw());
  }

  /** Carry everything but the first tools into the sheet. */
  carry() {
    if (this.#places.length) return;
    const first = FIRST.map((one) => $("tools").querySelector(one)).filter(Boolean).slice(0, MOST_FIRST);
    const tools = [...$("tools").querySelectorAll("button.tool, .colours")].filter((one) => one !== this.#button && !first.includes(one));
    const acts = [...$("acts").querySelectorAll("button")].filter((one) => one.id !== "end");
    const panels = [...document.querySelectorAll(".call-side > .panel:not(.consent)")];
    const groups = [["acts more-acts", "Call", acts], ["more-tools", "More tools", tools]];
    for (const [name, label, parts] of /** @type {[string, string, Element[]][]} */ (groups)) {
      if (!parts.length) continue;
      const group = element("div", { class: name, role: "group", "aria-label": label });
      this.#sheet.append(group);
      for (const part of parts) this.#move(part, group);
    }
    for (const panel of panels) this.#move(panel, this.#sheet);
    this.#open(false);
  }

  bringBack() {
    for (const [place, part] of this.#places) place.replaceWith(part);
    this.#places = [];
    this.#sheet.replaceChildren();
    this.#open(false);
  }

  /** @param {Element} part @param {Element} into */
  #move(part, into) {
    const place = document.createComment("");
    part.replaceWith(place);
    into.append(part);
    this.#places.push([place, part]);
  }

  /** @param {boolean} open */
  #open(open) {
    this.#sheet.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    $("work").toggleAttribute("data-more", open);
    if (open) this.#unread = 0;
    this.#draw();
    this.#desk.stage.layout();
  }

  /** What is hidden there and has to be known: the tool in use, and what was written. */
  #draw() {
    const chosen = this.#sheet.querySelector("[data-tool][aria-pressed=true] span")?.textContent;
    const words = ["More", chosen && `: ${chosen}`, this.#unread > 0 && ` (${this.#unread} new)`].filter(Boolean).join("");
    if (this.#button.lastElementChild.textContent !== words) this.#button.lastElementChild.textContent = words;
  }
}
