// @ts-check
/** Whether a call may be recorded, as the wearer of a headset is asked: a plate of its own, and a key that stops it. */
import { at, showPlate, writeAll } from "./screens.js";

const SAID_MS = 12_000;

/** @typedef {import("./call.js").LiveCall} LiveCall */

export class Consent {
  /** Whether the plate is shown. */
  asked = false;
  #call;
  #back;
  #say;
  /** What was answered, until the server shows it. @type {boolean | null} */
  #said = null;
  #failed = false;

  /**
   * @param {{call: () => LiveCall | null, back: () => void, say: (words: string, ms?: number) => void}} page
   *   `back` to the call; `say` something over its picture
   */
  constructor({ call, back, say }) {
    this.#call = call;
    this.#back = back;
    this.#say = say;
  }

  /** Recording is asked for, or goes on, or has ended. @param {any} view */
  take(view) {
    const { state, answers } = view.recording;
    const mine = answers[view.me];
    if (state === "none" || mine !== undefined) {
      this.#said = null;
      this.#failed = false;
    }
    const wanted = state !== "none" && mine === undefined && this.#said === null;
    if (wanted) this.#ask(view);
    else if (this.asked) this.#close();
    const on = state === "on";
    const now = on ? "This call is recorded" : state === "asked" ? "Recording is asked for" : "Not recorded";
    writeAll("[data-recorded]", { words: now, icon: on ? "camera" : "norec", kind: on ? "hot" : "" });
    // One tap takes the agreement back; meanwhile marks stay shown.
    at("stop-recording").hidden = state === "none" || mine === undefined;
    at("hide").hidden = !at("stop-recording").hidden;
  }

  /** Take the agreement back. */
  stop() {
    this.#say("The recording is stopped ...", SAID_MS);
    this.#answer(false);
  }

  /** As a call begins. */
  reset() {
    this.asked = this.#failed = false;
    this.#said = null;
  }

  /** @param {any} view */
  #ask(view) {
    this.asked = true;
    const name = this.#call()?.party(view.recording.by)?.name ?? "The expert";
    const told = view.recording.words ?? {};
    const say = (/** @type {boolean} */ agree) => {
      this.#said = agree;
      this.#close();
      this.#answer(agree);
    };
    showPlate({
      who: name,
      title: `May ${name} record this call?`,
      lines: [
        ...(this.#failed ? [/** @type {[string, string]} */ (["warn", "Your answer did not reach the server"])] : []),
        ["camera", told.what ?? "The camera's picture and all voices"],
        ["lock", told.kept ?? "Kept sealed"],
        ["norec", told.stop ?? "Say no, and the call goes on without"],
        ...(this.#failed ? [] : [/** @type {[string, string]} */ (["badge", "Tell whoever stands near you"])]),
      ],
      keys: [
        { words: "Agree", icon: "compliant", kind: "go", act: () => say(true) },
        { words: "No recording", icon: "norec", act: () => say(false) },
      ],
    });
  }

  #close() {
    this.asked = false;
    this.#back();
  }

  /** @param {boolean} agree */
  async #answer(agree) {
    const call = this.#call();
    if (!call) return;
    try {
      await call.socket.request("record.answer", { call: call.id, agree });
    } catch {
      if (this.#call() !== call) return;
      const asked = this.#said !== null;
      this.#said = null;
      this.#failed = asked;
      // Nobody shall believe that nothing is recorded when it may be.
      if (!agree) this.#say("The server did not hear your no. End the call to be sure.", SAID_MS);
      if (asked) this.take(call.view);
    }
  }
}
