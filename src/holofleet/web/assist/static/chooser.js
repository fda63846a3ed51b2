// @ts-check
/** Whom this headset may call: four at a time, favourites and those called last first. */
import { at, icon, made } from "./screens.js";

const PAGE = 4;
const LOOK_AGAIN_MS = 10_000;
/** @type {Record<string, [string, string, string]>} class, icon, words */
const PRESENCE = {
  ready: ["is-good", "compliant", "Ready"],
  busy: ["is-warn", "call", "In a call"],
  away: ["is-quiet", "moon", "Not there"],
};

/** @typedef {{key: string, name: string, about: string[], presence: string}} Entry */

export class Chooser {
  #socket;
  #chosen;
  /** @type {Entry[]} */
  #entries = [];
  #next = "";
  #page = 0;
  #call = "";
  /** @type {(() => void) | null} */
  #back = null;
  #asked = 0;

  /**
   * @param {import("./socket.js").AssistSocket} socket
   * @param {{chosen: (entry: Entry) => void, any: () => void}} acts
   */
  constructor(socket, { chosen, any }) {
    this.#socket = socket;
    this.#chosen = chosen;
    at("any").addEventListener("click", () => (this.#back ? this.#back() : any()));
    at("more").addEventListener("click", () => this.#turn());
    setInterval(() => !at("home").hidden && this.#look(), LOOK_AGAIN_MS);
  }

  /**
   * List them anew: whom this headset may call, or whom a call may take in.
   * @param {string} [call]
   * @param {() => void} [back] where the way back leads, in a call
   */
  load(call = "", back) {
    this.#call = call;
    this.#back = back ?? null;
    this.#page = 0;
    this.#entries = [];
    this.#look();
  }

  async #look() {
    if (!this.#socket.isReady) return;
    const asked = ++this.#asked;
    const fields = this.#call ? { call: this.#call } : {};
    try {
      const answer = await this.#socket.request("experts.list", fields);
      if (asked !== this.#asked) return;
      this.#entries = answer.entries;
      this.#next = answer.next ?? "";
      this.#show(answer);
    } catch (error) {
      this.#say(error instanceof Error ? error.message : "");
    }
  }

  /** The next four; after the last the first again. */
  async #turn() {
    this.#page += 1;
    if (this.#page * PAGE >= this.#entries.length && this.#next) {
      const fields = this.#call ? { call: this.#call } : {};
      const answer = await this.#socket.request("experts.list", { ...fields, after: this.#next });
      this.#entries = [...this.#entries, ...answer.entries];
      this.#next = answer.next ?? "";
    }
    if (this.#page * PAGE >= this.#entries.length) this.#page = 0;
    this.#cards();
  }

  /** @param {any} answer */
  #show({ closed, refused, any }) {
    const key = at("any");
    key.hidden = this.#back ? false : any.length === 0 || Boolean(closed);
    const [words, small, name] = this.#back ? ["Back to the call", "", "back"] : ["Any expert", "First one free", "call"];
    key.replaceChildren(icon(name), words, ...(small ? [made("small", "", small)] : []));
    key.classList.toggle("go", !this.#back);
    at("home").querySelector("h1").textContent = this.#back ? "Whom do you want to add?" : "Who do you want to call?";
    at("beside").querySelector("a").hidden = Boolean(this.#back);
    if (closed) return this.#say(`No expert may be called from here now. Next: ${moment(closed.until)}.`);
    if (!this.#entries.length) return this.#say(refused?.words ?? "There is no expert whom you may call from here.");
    this.#cards();
  }

  #cards() {
    const shown = this.#entries.slice(this.#page * PAGE, this.#page * PAGE + PAGE);
    at("people").replaceChildren(...shown.map((entry) => this.#card(entry)));
    at("more").hidden = this.#entries.length <= PAGE && !this.#next;
  }

  /** @param {Entry} entry */
  #card(entry) {
    const [kind, name, words] = PRESENCE[entry.presence] ?? PRESENCE.away;
    const initials = entry.name.split(/\s+/).map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase();
    const face = made("span", "face", initials);
    face.setAttribute("aria-hidden", "true");
    const parts = [face, made("b", "", entry.name), made("small", "", entry.about.join(", ")), made("small", kind, icon(name), words)];
    const card = /** @type {HTMLButtonElement} */ (made("button", `person ${entry.presence === "away" ? "off" : ""}`, ...parts));
    card.type = "button";
    card.addEventListener("click", () => this.#chosen(entry));
    return card;
  }

  /** @param {string} words */
  #say(words) {
    at("more").hidden = true;
    at("people").replaceChildren(made("p", "shown", words));
  }
}

/** @param {number} ms */
function moment(ms) {
  const when = new Date(ms);
  const soon = ms - Date.now() < 20 * 3_600_000;
  return when.toLocaleString("en-GB", { ...(soon ? {} : { weekday: "long" }), hour: "2-digit", minute: "2-digit" });
}
