// @ts-check
/** A call that rings on this headset, or that this page was in before it was loaded again. */
import { showPlate } from "./screens.js";

/** @typedef {import("./call.js").LiveCall} LiveCall */
/** @typedef {(retry: () => unknown, back: () => unknown) => Promise<boolean>} Open */

export class Incoming {
  #socket;
  #page;
  /** The call that rings and was not answered yet. @type {any} */
  #view = null;
  /** What is being answered; whoever takes it back switches it off. */
  #attempt = { on: false };
  /** @type {Set<string>} calls to which the wearer said no, while the server is told */
  #refused = new Set();

  /**
   * @param {import("./socket.js").AssistSocket} socket
   * @param {{open: Open, begin: (view: any) => LiveCall, stop: () => void, failed: (error: unknown) => void, home: () => void,
   *   over: () => void}} page `open` camera and microphone, `begin` the call, `stop` it here and give everything back
   */
  constructor(socket, page) {
    this.#socket = socket;
    this.#page = page;
  }

  /** Whether something rings, or is being answered. */
  get isOpen() {
    return this.#view !== null;
  }

  /** Show that it rings, or how to go back into it. @param {any} view */
  ring(view) {
    if (this.#refused.has(view.id)) return;
    const same = this.#view?.id === view.id;
    this.#view = view;
    if (same && this.#attempt.on) return;
    const from = nameOf(view);
    const again = isIn(view);
    showPlate({
      who: from,
      title: again ? `You are in a call with ${from}` : `${from} calls you`,
      lines: [
        ["camera", `${from.split(" ")[0]} will see what your camera sees`],
        view.recording.state === "on" ? ["warn", "The call is recorded"] : ["norec", "Nothing is recorded"],
      ],
      keys: [
        { words: again ? "Back to the call" : "Answer", small: "Camera and microphone go on", icon: "call", kind: "go", act: () => this.#answer(again) },
        again ? { words: "End call", icon: "end", kind: "end", act: () => this.#end(view) } : { words: "Not now", icon: "back", act: () => this.#decline(view) },
      ],
    });
  }

  /** Show again what rings. @returns {boolean} whether something does */
  again() {
    if (this.#view) this.ring(this.#view);
    return this.#view !== null;
  }

  /** Whatever rang is in the call now, or over: nothing of it is waited for any more. */
  forget() {
    this.#view = null;
    this.#attempt.on = false;
  }

  /** Which calls there are, after the server was away. @param {any[]} calls */
  check(calls) {
    if (this.#view && !calls.some((one) => one.id === this.#view.id)) this.gone(this.#view.id);
  }

  /** It rings no more: it is over, or somebody else has it. @param {string} id */
  gone(id) {
    this.#refused.delete(id);
    if (this.#view?.id !== id) return;
    this.forget();
    this.#page.stop();
    this.#page.home();
  }

  /** @param {boolean} again */
  async #answer(again) {
    const view = this.#view;
    if (!view) return;
    const attempt = (this.#attempt = { on: true });
    const back = () => (again ? this.#end(view) : this.#decline(view));
    showPlate({
      who: nameOf(view),
      title: again ? "Going back to the call ..." : "Answering ...",
      lines: [["camera", "Camera and microphone go on"]],
      keys: [again ? { words: "End call", icon: "end", kind: "end", act: back } : { words: "Not now", icon: "back", act: back }],
    });
    if (!(await this.#page.open(() => this.#answer(again), back)) || !attempt.on) return;
    try {
      const call = this.#page.begin(this.#view ?? view);
      if (!again) await call.accept();
      if (attempt.on) this.forget();
    } catch (error) {
      if (!attempt.on) return;
      this.forget();
      this.#page.stop();
      this.#page.failed(error);
    }
  }

  /** Say no: at once here, and to the server as soon as it hears. @param {any} view */
  #decline(view) {
    this.#leave(view);
    this.#page.home();
    const decline = () => this.#socket.request("call.decline", { call: view.id, reason: "not-now" });
    // It may have been answered meanwhile: then it is ended. What cannot be told rings again.
    decline()
      .catch(() => this.#socket.request("call.end", { call: view.id }))
      .catch(() => this.#refused.delete(view.id));
  }

  /** @param {any} view */
  #end(view) {
    this.#leave(view);
    showPlate({
      who: nameOf(view),
      title: "Ending the call ...",
      lines: [["norec", "Camera and microphone are off"]],
      keys: [{ words: "Close", icon: "back", act: this.#page.over }],
    });
    this.#socket.request("call.end", { call: view.id }).then(this.#page.over, this.#page.over);
  }

  /** @param {any} view */
  #leave(view) {
    this.#refused.add(view.id);
    this.forget();
    this.#page.stop();
  }
}

/** @param {any} view */
function isIn(view) {
  return view.parties.find((/** @type {any} */ one) => one.id === view.me)?.state !== "ringing";
}

/** @param {any} view */
function nameOf(view) {
  return view.parties.find((/** @type {any} */ one) => one.id !== view.me)?.name ?? "An expert";
}
