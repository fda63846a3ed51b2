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

/** @typedef {{key: string, name: string, about: string[], presence: string, favourite?: boolean, recent?: boolean}} Entry */
/** @typedef {{low_bandwidth?: "snapshots" | "low-resolution" | "refuse", check?: {up_kbps?: number, grade?: string}}} Network */

const SHARE = 0.8;
const LEAST_START_KBPS = 300;
const MOST_START_KBPS = 3_500;

export class Chooser {
  /** What the server knows of this headset's network. @type {Network} */
  network = {};
  /** Whether whoever answers is there now. */
  anybody = false;

  #socket;
  #chosen;
  /** @type {Entry[]} */
  #entries = [];
  #next = "";
  #page = 0;
  #call = "";
  #title = "";
  /** @type {(() => void) | null} */
  #back = null;
  /** @type {((entry: Entry) => void) | null} what a choice does in a call */
  #taken = null;
  #asked = 0;
  #turning = false;
  /** @type {Map<string, {card: HTMLButtonElement, drawn: string}>} cards by key: one that stays is kept, so that a tap on it counts */
  #drawn = new Map();
  #anyDrawn = "";

  /**
   * @param {import("./socket.js").AssistSocket} socket
   * @param {{chosen: (entry: Entry) => void, any: () => void, later: () => void}} acts `later`: leave a message
   */
  constructor(socket, { chosen, any, later }) {
    this.#socket = socket;
    this.#chosen = chosen;
    at("any").addEventListener("click", () => (this.#back ? this.#back() : any()));
    at("more").addEventListener("click", () => this.#turn());
    at("later").addEventListener("click", () => later());
    setInterval(() => !at("home").hidden && this.#look(), LOOK_AGAIN_MS);
    socket.on("up", () => !at("home").hidden && this.#look());
  }

  /**
   * List them anew: whom this headset may call, or whom a call may take in.
   * @param {{call: string, title: string, back: () => void, chosen: (entry: Entry) => void}} [inside] a call
   */
  load(inside) {
    const { call = "", title = "Who do you want to call?", back = null, chosen = null } = inside ?? {};
    const other = this.#call !== call || this.#title !== title;
    this.#call = call;
    this.#title = title;
    this.#back = back;
    this.#taken = chosen;
    this.#page = 0;
    this.#asked += 1;
    at("home").querySelector("h1").textContent = title;
    at("beside").querySelector("a").hidden = Boolean(back);
    if (other) {
      this.#entries = [];
      this.#next = "";
      this.#say("Looking for experts ...");
      at("later").hidden = true;
      at("any").hidden = true;
    }
    if (back) this.#drawAny("Back to the call", "", "back", false);
    this.#look();
  }

  /** With which bitrate a picture begins: what the last check found, if that says something still. */
  get startKbps() {
    const known = this.network.check?.up_kbps;
    return known ? Math.round(Math.min(MOST_START_KBPS, Math.max(LEAST_START_KBPS, known * SHARE))) : undefined;
  }

  /** Keep an expert at the top of this headset's list, or not any more. @param {Entry} entry @param {boolean} on */
  async favour(entry, on) {
    await this.#socket.request("favourite.set", { key: entry.key, on });
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
      if (this.#page * PAGE >= this.#entries.length) this.#page = 0;
      this.#show(answer);
    } catch (error) {
      if (asked === this.#asked) this.#say(error instanceof Error ? error.message : "");
    }
  }

  /** The next four; after the last the first again. */
  async #turn() {
    if (this.#turning) return; // the tap before is being answered
    const asked = ++this.#asked;
    this.#page += 1;
    if (this.#page * PAGE >= this.#entries.length && this.#next) {
      const fields = this.#call ? { call: this.#call } : {};
      this.#turning = true;
      this.#say("Looking for more ...");
      try {
        const answer = await this.#socket.request("experts.list", { ...fields, after: this.#next });
        if (asked !== this.#asked) return;
        this.#entries = [...this.#entries, ...answer.entries];
        this.#next = answer.next ?? "";
      } catch (error) {
        if (asked === this.#asked) this.#say(error instanceof Error ? error.message : "");
        return;
      } finally {
        this.#turning = false;
      }
    }
    if (this.#page * PAGE >= this.#entries.length) this.#page = 0;
    this.#cards();
  }

  /** @param {any} answer */
  #show({ closed, refused, any, low_bandwidth, check, leave }) {
    const adds = Boolean(this.#back);
    if (!adds) this.network = { low_bandwidth, check };
    this.anybody = any.some((/** @type {any} */ one) => one.ready > 0);
    if (!adds && (any.length === 0 || Boolean(closed))) at("any").hidden = true;
    else if (!adds) this.#drawAny("Any expert", this.anybody ? "First one free" : "Nobody is free now", "call", this.anybody);
    at("later").hidden = adds || !leave || !(closed || (any.length && !this.anybody && this.#entries.length <= PAGE));
    if (closed) return this.#say(`Nobody may be called from here now. Next: ${moment(closed.until)}.`);
    const nobody = adds ? "There is nobody else who may join this call." : "There is no expert whom you may call from here.";
    if (!this.#entries.length) return this.#say(refused?.words ?? nobody);
    this.#cards();
  }

  /** @param {string} words @param {string} small @param {string} name of the icon @param {boolean} go */
  #drawAny(words, small, name, go) {
    const key = at("any");
    key.hidden = false;
    key.classList.toggle("go", go);
    if (this.#anyDrawn === words + small) return;
    this.#anyDrawn = words + small;
    key.replaceChildren(icon(name), words, ...(small ? [made("small", "", small)] : []));
  }

  #cards() {
    const shown = this.#entries.slice(this.#page * PAGE, this.#page * PAGE + PAGE);
    /** @type {Map<string, {card: HTMLButtonElement, drawn: string}>} */
    const drawn = new Map();
    for (const entry of shown) {
      const now = JSON.stringify(entry);
      const known = this.#drawn.get(entry.key);
      drawn.set(entry.key, known?.drawn === now ? known : { card: this.#card(entry), drawn: now });
    }
    this.#drawn = drawn;
    const cards = [...drawn.values()].map(({ card }) => card);
    const there = [...at("people").children];
    if (cards.length !== there.length || cards.some((card, place) => card !== there[place])) at("people").replaceChildren(...cards);
    at("more").hidden = this.#entries.length <= PAGE && !this.#next;
  }

  /** @param {Entry} entry */
  #card(entry) {
    const [kind, name, words] = PRESENCE[entry.presence] ?? PRESENCE.away;
    const initials = entry.name.split(/\s+/).map((word) => word[0] ?? "").join("").slice(0, 2).toUpperCase();
    const face = made("span", "face", initials);
    face.setAttribute("aria-hidden", "true");
    const about = entry.about.join(", ") || (entry.recent ? "Called lately" : "");
    const title = made("b", "", entry.name, ...(entry.favourite ? [icon("star"), made("span", "vh", ", kept at the top")] : []));
    const parts = [face, title, made("small", "", about), made("small", kind, icon(name), words)];
    const card = /** @type {HTMLButtonElement} */ (made("button", `person ${entry.presence === "away" ? "off" : ""}`, ...parts));
    card.type = "button";
    card.addEventListener("click", () => (this.#taken ?? this.#chosen)(entry));
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
  const far = ms - Date.now() > 6 * 24 * 3_600_000;
  /** @type {Intl.DateTimeFormatOptions} */
  const day = soon ? {} : far ? { weekday: "long", day: "numeric", month: "long" } : { weekday: "long" };
  return when.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit" });
}
