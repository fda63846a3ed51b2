// @ts-check
/** Whether this device says that it is hot or overloaded, where its browser can tell. */

const HOT = new Set(["serious", "critical"]);
const LOOK_MS = 2_000;

export class Heat {
  hot = false;
  /** @type {any} */
  #observer = null;

  constructor() {
    const Observer = /** @type {any} */ (window).PressureObserver;
    if (!Observer) return;
    this.#observer = new Observer((/** @type {{state: string}[]} */ records) => {
      this.hot = HOT.has(records.at(-1)?.state ?? "");
    });
    this.#observer.observe("cpu", { sampleInterval: LOOK_MS }).catch(() => {}); // then the encoder's time has to do
  }

  close() {
    this.#observer?.disconnect();
  }
}
