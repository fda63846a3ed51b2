// @ts-check
/**
 * Pictures and documents from browser to browser: a header, then its bytes in order, one file after the other.
 *
 * What arrives is handed on only when it is what the header promised: that many bytes, with that SHA-256.
 */
import { Emitter } from "./emitter.js";
import { hex } from "./safety.js";

const CHUNK = 16 * 1024;
const FULL = 256 * 1024;
export const MOST_BYTES = 50 * 1024 * 1024;
const MOST_PIXELS = 50_000_000;
/** What may come, and how its bytes begin. No SVG and no HTML: nothing that could run. */
const BEGINNINGS = new Map([
  ["image/jpeg", ["ffd8ff"]],
  ["image/png", ["89504e470d0a1a0a"]],
  ["image/bmp", ["424d"]],
  ["image/tiff", ["49492a00", "4d4d002a"]],
  ["image/gif", ["474946383761", "474946383961"]],
  ["application/pdf", ["255044462d"]],
]);
const PICTURES = new Set(["image/jpeg", "image/png"]);
const ID = /^[A-Za-z0-9_.-]{1,40}$/;

/**
 * @typedef {object} Header
 * @property {string} id
 * @property {"still" | "preview" | "page" | "file"} kind
 * @property {string} name
 * @property {string} type
 * @property {number} size
 * @property {string} sha256
 * @property {number} [width]
 * @property {number} [height]
 */

/** @param {Blob} blob */
export async function sha256(blob) {
  return hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
}

/** Emits `file` ({header, blob}), `progress` ({id, got, size, header}) and `broken` ({header, words}). */
export class FileChannel extends Emitter {
  #channel;
  /** @type {Promise<void>} */
  #sending = Promise.resolve();
  /** @type {{header: Header, parts: ArrayBuffer[], got: number} | null} */
  #coming = null;
  /** @type {Promise<void>} */
  #taking = Promise.resolve();

  /** @param {RTCDataChannel} channel ordered and reliable */
  constructor(channel) {
    super();
    this.#channel = channel;
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = FULL / 2;
    channel.addEventListener("message", (event) => {
      // One after the other, so that a hash that takes long does not let the next file overtake.
      this.#taking = this.#taking.then(() => this.#take(event.data)).catch(reportError);
    });
  }

  /**
   * Send a file after those that are on their way.
   * @param {Omit<Header, "size" | "sha256">} about
   * @param {Blob} blob
   * @returns {Promise<void>} when its last byte was handed over
   */
  send(about, blob) {
    const turn = this.#sending.then(() => this.#send(about, blob));
    this.#sending = turn.catch(() => {});
    return turn;
  }

  /**
   * @param {Omit<Header, "size" | "sha256">} about
   * @param {Blob} blob
   */
  async #send(about, blob) {
    const header = { ...about, size: blob.size, sha256: await sha256(blob) };
    await this.#opened();
    this.#channel.send(JSON.stringify({ v: 1, type: "file", header }));
    for (let at = 0; at < blob.size; at += CHUNK) {
      if (this.#channel.bufferedAmount > FULL) await this.#room();
      this.#channel.send(await blob.slice(at, at + CHUNK).arrayBuffer());
    }
  }

  /** The channels of a connection open one after the other. @returns {Promise<void>} */
  #opened() {
    if (this.#channel.readyState !== "connecting") return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#channel.addEventListener("open", () => resolve(), { once: true });
      this.#channel.addEventListener("close", () => reject(new Error("The connection was lost.")), { once: true });
    });
  }

  /** @returns {Promise<void>} */
  #room() {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error("The connection was lost."));
      this.#channel.addEventListener("close", gone, { once: true });
      const ready = () => {
        this.#channel.removeEventListener("close", gone);
        resolve();
      };
      this.#channel.addEventListener("bufferedamountlow", ready, { once: true });
      if (this.#channel.bufferedAmount <= FULL / 2) ready();
    });
  }

  /** @param {string | ArrayBuffer} data */
  async #take(data) {
    if (typeof data === "string") return this.#begin(data);
    const file = this.#coming;
    if (!file) return;
    file.got += data.byteLength;
    if (file.got > file.header.size) return this.#broken(file.header, "It was larger than it said.");
    file.parts.push(data);
    this.emit("progress", { id: file.header.id, got: file.got, size: file.header.size, header: file.header });
    if (file.got === file.header.size) await this.#finish(file);
  }

  /** @param {string} text */
  #begin(text) {
    if (this.#coming) this.#broken(this.#coming.header, "It stopped half-way.");
    const header = readHeader(text);
    if (header) this.#coming = { header, parts: [], got: 0 };
  }

  /** @param {{header: Header, parts: ArrayBuffer[]}} file */
  async #finish({ header, parts }) {
    this.#coming = null;
    const blob = new Blob(parts, { type: header.type });
    const begins = hex(await blob.slice(0, 8).arrayBuffer());
    const known = BEGINNINGS.get(header.type)?.some((one) => begins.startsWith(one));
    if (!known || (await sha256(blob)) !== header.sha256) return this.#broken(header, "It was not what it said.");
    this.emit("file", { header, blob });
  }

  /**
   * @param {Header} header
   * @param {string} words
   */
  #broken(header, words) {
    this.#coming = null;
    this.emit("broken", { header, words });
  }
}

/**
 * Take over the fields that are known, if they are what they should be.
 * @param {string} text
 * @returns {Header | null}
 */
function readHeader(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  const { id, kind, name, type, size, sha256: hash, width, height } = message?.header ?? {};
  const whole = (/** @type {any} */ value, /** @type {number} */ most) => Number.isInteger(value) && value > 0 && value <= most;
  if (message?.type !== "file" || !ID.test(id) || !whole(size, MOST_BYTES) || !/^[0-9a-f]{64}$/.test(hash)) return null;
  if (!["still", "preview", "page", "file"].includes(kind) || typeof name !== "string" || name.length > 255) return null;
  if (!(kind === "file" ? BEGINNINGS : PICTURES).has(type)) return null;
  if ([width, height].some((side) => side !== undefined && !whole(side, 16_384))) return null;
  if ((width ?? 0) * (height ?? 0) > MOST_PIXELS) return null;
  return { id, kind, name, type, size, sha256: hash, width, height };
}
