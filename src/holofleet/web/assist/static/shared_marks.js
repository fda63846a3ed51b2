// @ts-check
/** The marks of one call, between this page, the other parties and the server's copy. */
import { RefusedError } from "./socket.js";

const COPY_MS = 400;
const AT_ONCE = 100;

export class SharedMarks {
  #call;
  #log;
  #changed;
  #keeps;
  /** @type {Map<string, any>} marks that go to the server with the next message */
  #uncopied = new Map();

  /**
   * @param {import("./call.js").LiveCall} call
   * @param {import("./marks.js").MarkLog} log
   * @param {{changed: () => void, keeps: boolean | "own"}} parts keeps: whether this page gives the server its copy, of all or of its own
   */
  constructor(call, log, { changed, keeps }) {
    this.#call = call;
    this.#log = log;
    this.#changed = changed;
    this.#keeps = keeps;
    call.socket.on("marks", (message) => message.call === call.id && this.#take(message.events));
    call.socket.on("closed", () => {
      this.#keeps = false;
    });
    call.on("link", ({ party, state }) => state === "connected" && this.#tellAll(party));
    call.on("message", ({ party, message }) => {
      if (message.type === "marks") this.#take(message.events, party);
      else if (message.type === "mark") this.#take([message.event], party);
    });
  }

  /** An event was made in this page. @param {import("./marks.js").MarkEvent} event */
  made(event) {
    this.#call.say({ type: "marks", events: [event] });
    this.#copy(event);
  }

  /** Both sides may have missed something; what is known already counts once. @param {string} party */
  #tellAll(party) {
    const { events } = this.#log;
    for (let at = 0; at < events.length; at += AT_ONCE) {
      this.#call.say({ type: "marks", events: events.slice(at, at + AT_ONCE) }, party);
    }
  }

  /** @param {unknown} events @param {string} [from] a guest says what is its own only */
  #take(events, from = "") {
    if (!Array.isArray(events)) return;
    const kind = this.#call.party(from)?.kind;
    const fresh = events.filter((event) => (kind !== "guest" || event?.author === from) && this.#log.take(event));
    // A headset gives the server no copy of what it marks; the first expert keeps it.
    for (const event of fresh) if (kind === "headset" && event.author === from) this.#copy(event);
    if (fresh.length) this.#changed();
  }

  /** @param {any} event */
  #copy(event) {
    if (!this.#keeps || (this.#keeps === "own" && event.author !== this.#log.author)) return;
    if (!this.#uncopied.size) setTimeout(() => this.#copyNow(), COPY_MS);
    this.#uncopied.set(event.id, event);
  }

  #copyNow() {
    const events = [...this.#uncopied.values()];
    this.#uncopied.clear();
    for (let at = 0; at < events.length; at += AT_ONCE) {
      const part = events.slice(at, at + AT_ONCE);
      this.#call.socket.request("marks.copy", { call: this.#call.id, events: part }).catch((error) => this.#copyLater(part, error));
    }
  }

  /** A server that is away for long has its copy once it is back. @param {any[]} events @param {unknown} error */
  #copyLater(events, error) {
    if (!(error instanceof RefusedError)) for (const event of events) this.#copy(event);
  }
}
