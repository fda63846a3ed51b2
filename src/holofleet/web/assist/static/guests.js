// @ts-check
/** Guests as an expert has them: links to the call, who waits before it, and who is let in or put out. */
import { $, element, renew, say, sayError, write } from "./page.js";

const AGAIN_MS = 8_000;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const STATES = { open: "not opened yet", opened: "opened, has not asked yet" };

/** @typedef {import("./desk.js").Desk} Desk */

/** @param {Desk} desk */
export function join(desk) {
  new Guests(desk);
}

class Guests {
  #desk;
  #call;
  /** @type {{waiting: any[], links: any[]}} */
  #known = { waiting: [], links: [] };
  #ringing = 0;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#call = desk.call;
    const mine = (/** @type {any} */ message) => message.call === this.#call.id && this.#take(message);
    desk.socket.on("guests", mine);
    desk.socket.on("up", () => this.#ask());
    desk.on("view", (view) => this.#view(view));
    desk.on("ended", () => this.#take({ waiting: [], links: [] }));
    // After the list of who is here was drawn anew, which the call's own events do.
    for (const type of ["view", "code"]) this.#call.on(type, () => this.#seats());
    $("guest").addEventListener("click", () => this.#open());
    $("guest-form").addEventListener("submit", (/** @type {SubmitEvent} */ event) => this.#make(event));
    $("guest-copy").addEventListener("click", () => this.#copy());
    for (const list of [$("lobby"), $("guest-links"), $("seats")]) {
      list.addEventListener("click", (/** @type {MouseEvent} */ event) => this.#act(event));
    }
  }

  /** @param {any} view */
  #view(view) {
    const here = ["joining", "joined", "reconnecting"].includes(this.#desk.seat?.state);
    $("guest").hidden = !view.switches.guests || !here;
    if (here && !this.#asked) this.#ask();
  }

  #asked = false;

  async #ask() {
    if (!["joining", "joined", "reconnecting"].includes(this.#desk.seat?.state)) return;
    this.#asked = true;
    await this.#desk.socket.request("guests.list", { call: this.#call.id }).catch(() => {});
  }

  /** @param {any} message */
  #take({ waiting, links }) {
    const before = new Set(this.#known.waiting.map((one) => one.link));
    this.#known = { waiting, links };
    this.#showLobby();
    this.#showLinks();
    if (waiting.some((one) => !before.has(one.link))) softly();
    clearInterval(this.#ringing);
    // Asked again while somebody waits: whoever gives up is not there any more.
    if (waiting.length) this.#ringing = window.setInterval(() => this.#remind(), AGAIN_MS);
  }

  #remind() {
    softly();
    this.#ask();
  }

  #showLobby() {
    const { waiting } = this.#known;
    $("lobby").hidden = !waiting.length;
    renew($("lobby"), waiting, (one) => one.link, (one, known) => {
      const row = known ?? lobbyRow(one.link);
      const [name, about] = row.children[0].children;
      write(name, `${one.name} waits to be let in`);
      write(about, `Expected: ${one.words} · link of ${one.by}`);
      return row;
    });
  }

  #showLinks() {
    const { links } = this.#known;
    $("guest-links-title").hidden = !links.length;
    renew($("guest-links"), links, (one) => one.link, (one, known) => {
      const state = STATES[/** @type {keyof typeof STATES} */ (one.state)] ?? one.state;
      const words = element("span", {}, one.words, element("small"));
      const row = known ?? element("li", {}, words, button("Withdraw", { "data-withdraw": one.link, class: "button plain" }));
      write(row.querySelector("small") ?? row, `${state}, until ${clock.format(one.until)}, by ${one.by}`);
      return row;
    });
  }

  /** Guests among those who are in the call can be put out. */
  #seats() {
    for (const party of this.#call.view.parties) {
      const row = party.kind === "guest" && $("seats").querySelector(`[data-party="${CSS.escape(party.id)}"]`);
      if (!row || row.querySelector("[data-withdraw]")) continue;
      row.append(button("Put out", { "data-withdraw": party.key, class: "link take", "aria-label": `Put out ${party.name}` }));
    }
  }

  #open() {
    $("guest-made").hidden = true;
    $("guests-say").textContent = "";
    $("guests").showModal();
    $("guest-words").focus();
    this.#ask();
  }

  /** @param {SubmitEvent} event */
  async #make(event) {
    event.preventDefault();
    if (this.#making) return;
    this.#making = true;
    $("guests-say").textContent = "The link is made ...";
    await this.#made().finally(() => (this.#making = false));
  }
  #making = false;

  async #made() {
    const fields = new URLSearchParams({ csrf: document.body.dataset.csrf ?? "" });
    for (const name of ["words", "minutes"]) fields.set(name, $(`guest-${name}`).value.trim());
    const answer = await fetch(`/calls/${encodeURIComponent(this.#call.id)}/guests`, { method: "POST", body: fields }).catch(() => null);
    const made = await answer?.json().catch(() => null);
    if (!answer?.ok || !made) {
      $("guests-say").textContent = made?.words ?? "No link could be made. Try again.";
      return;
    }
    $("guest-for").textContent = made.words;
    $("guest-address").value = made.address;
    const code = URL.createObjectURL(new Blob([made.code], { type: "image/svg+xml" }));
    $("guest-code").onload = () => URL.revokeObjectURL(code);
    $("guest-code").src = code;
    $("guest-made").hidden = false;
    $("guest-words").value = "";
    $("guests-say").textContent = `It counts until ${clock.format(made.until)}.`;
    $("guest-copy").focus();
    this.#ask();
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText($("guest-address").value);
      $("guests-say").textContent = "The link is copied.";
    } catch {
      $("guest-address").select();
      $("guests-say").textContent = "The link is marked: press Ctrl+C to copy it.";
    }
  }

  /** @param {MouseEvent} event */
  async #act(event) {
    const at = /** @type {HTMLElement} */ (event.target).closest("[data-admit], [data-refuse], [data-withdraw]");
    if (!(at instanceof HTMLButtonElement)) return;
    const { admit, refuse, withdraw } = at.dataset;
    const type = admit ? "guest.admit" : refuse ? "guest.refuse" : "guest.withdraw";
    at.disabled = true;
    try {
      await this.#desk.socket.request(type, { call: this.#call.id, link: admit ?? refuse ?? withdraw });
      say(admit ? "The guest comes in." : refuse ? "The guest was refused." : "The invitation is taken back.");
    } catch (error) {
      sayError(error);
    }
    at.disabled = false;
    this.#ask();
  }
}

/** @param {string} link */
function lobbyRow(link) {
  const words = element("p", {}, element("b"), element("small"));
  return element("li", {}, words, button("Let in", { "data-admit": link, class: "button primary" }), button("Refuse", { "data-refuse": link, class: "button" }));
}

/** @param {string} words @param {Record<string, string>} attributes */
function button(words, attributes) {
  return element("button", { type: "button", ...attributes }, words);
}

/** One low tone: somebody waits, and nothing is urgent. */
function softly() {
  try {
    const context = new AudioContext();
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = 520;
    volume.gain.setValueAtTime(0.06, context.currentTime);
    volume.gain.linearRampToValueAtTime(0, context.currentTime + 0.35);
    tone.connect(volume).connect(context.destination);
    tone.onended = () => context.close();
    tone.start();
    tone.stop(context.currentTime + 0.4);
  } catch {
    // no sound here; the words remain
  }
}
