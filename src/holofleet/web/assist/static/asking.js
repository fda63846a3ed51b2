// @ts-check
/** What the page asks before a call: whether to call somebody, and what else there is where they cannot be called. */
import { key, showPlate } from "./screens.js";

const CHECK = "/h/check";
const LEAST_KBPS = 1_500;

/** What a call is over a weak network, by what the fleet wants. @type {Record<string, string>} */
const SMALLER = { snapshots: "Weak network: pictures only", "low-resolution": "Weak network: small picture" };

/** @typedef {import("./chooser.js").Entry} Entry */
/** @typedef {{to?: string, any?: string}} Whom */

export class Asking {
  #chooser;
  #leave;
  #place;
  #home;

  /**
   * @param {import("./chooser.js").Chooser} chooser
   * @param {{leave: (whom: import("./leaving.js").Whom) => unknown, place: (name: string, whom: Whom) => unknown, home: () => void}} acts
   */
  constructor(chooser, { leave, place, home }) {
    this.#chooser = chooser;
    this.#leave = leave;
    this.#place = place;
    this.#home = home;
  }

  /** @param {Entry | null} entry nobody: whoever is free */
  ask(entry) {
    if (entry && entry.presence !== "ready") return this.absent(entry, entry.presence === "busy" ? `${entry.name} is in a call` : `${entry.name} is not there now`);
    const name = entry?.name ?? "an expert";
    const who = entry ? entry.name.split(" ")[0] : "The expert";
    const { low_bandwidth: rule, check } = this.#chooser.network;
    const weak = (check?.up_kbps ?? LEAST_KBPS) < LEAST_KBPS;
    if (weak && rule === "refuse") return this.tooWeak(entry);
    showPlate({
      who: entry?.name ?? "Any expert",
      about: weak ? SMALLER[rule ?? "low-resolution"] : (entry?.about.join(", ") ?? "First one free"),
      title: `Call ${name}?`,
      lines: [
        ["camera", `${who} sees what your camera sees`],
        ["mic", `${who} hears you`],
        ["norec", "Nothing is recorded"],
      ],
      keys: [
        { words: "Call now", small: "Camera and microphone go on", icon: "call", kind: "go", act: () => this.#place(name, entry ? { to: entry.key } : { any: "" }) },
        { words: "Check first", icon: "signal", act: () => location.assign(CHECK) },
        { words: "Not now", icon: "back", act: this.#home },
      ],
      ...(entry ? { below: this.favourite(entry) } : {}),
    });
  }

  /** The key that keeps somebody at the top of the list. @param {Entry} entry */
  favourite(entry) {
    const made = key({
      words: entry.favourite ? "Kept at the top" : "Keep at the top",
      icon: "star",
      kind: "wide",
      act: async () => {
        // Shown at once, and taken back where the server does not keep it.
        const wanted = !entry.favourite;
        draw(wanted, wanted ? "Kept at the top" : "Keep at the top");
        await this.#chooser.favour(entry, wanted).catch(() => draw(!wanted, "The server did not keep it"));
      },
    });
    const words = made.childNodes[1];
    const draw = (/** @type {boolean} */ pressed, /** @type {string} */ text) => {
      entry.favourite = pressed;
      made.setAttribute("aria-pressed", String(pressed));
      words.textContent = text;
    };
    made.setAttribute("aria-pressed", String(Boolean(entry.favourite)));
    return made;
  }

  /** Somebody cannot be called now. @param {Entry | null} entry @param {string} why */
  absent(entry, why) {
    const name = entry?.name ?? "any expert";
    /** @type {import("./screens.js").Key[]} */
    const keys = [
      { words: "Leave a message", small: "Picture, voice, words", icon: "still", kind: this.#chooser.anybody ? "" : "go", act: () => this.#leave(entry ? { name, to: entry.key } : { name, rota: "" }) },
      { words: "Not now", icon: "back", act: this.#home },
    ];
    if (entry && this.#chooser.anybody) keys.unshift({ words: "Any expert", small: "First one free", icon: "call", kind: "go", act: () => this.ask(null) });
    showPlate({
      who: entry?.name ?? "Any expert",
      about: entry?.about.join(", ") ?? "",
      title: entry && this.#chooser.anybody ? `${why}. Call another?` : why,
      lines: [["still", "A message is found as soon as they are back"]],
      keys,
      ...(entry ? { below: this.favourite(entry) } : {}),
    });
  }

  /** The fleet wants no call over a network like this. @param {Entry | null} entry */
  tooWeak(entry) {
    const mbits = ((this.#chooser.network.check?.up_kbps ?? 0) / 1000).toFixed(1);
    showPlate({
      title: "The network here is too weak for calls",
      lines: [["signal", `${mbits} Mbit/s were found, 1.5 are wanted`], ["badge", "Another place may be better"]],
      keys: [
        { words: "Check again", icon: "signal", kind: "go", act: () => location.assign(CHECK) },
        { words: "Leave a message", icon: "still", act: () => this.#leave(entry ? { name: entry.name, to: entry.key } : { name: "any expert", rota: "" }) },
        { words: "Not now", icon: "back", act: this.#home },
      ],
    });
  }
}
