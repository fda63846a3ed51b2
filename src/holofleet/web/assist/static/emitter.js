// @ts-check
/** Who wants to hear of something says so; one listener that fails does not keep it from the others. */

export class Emitter {
  /** @type {Map<string, Set<(value: any) => void>>} */
  #handlers = new Map();

  /**
   * Hear of something from now on.
   * @param {string} type
   * @param {(value: any) => void} handler
   * @returns {() => void} stops it
   */
  on(type, handler) {
    const known = this.#handlers.get(type) ?? new Set();
    known.add(handler);
    this.#handlers.set(type, known);
    return () => void known.delete(handler);
  }

  /**
   * @param {string} type
   * @param {any} [value]
   */
  emit(type, value) {
    for (const handler of [...(this.#handlers.get(type) ?? [])]) {
      try {
        handler(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
