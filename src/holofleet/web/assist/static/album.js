// @ts-check
/**
 * The pictures of one call: stills that the headset sent, and pictures that somebody put on the stage. They are in the
 * pages of the call and nowhere else.
 */
import { Emitter } from "./emitter.js";
import { sha256 } from "./files.js";
import { LIVE } from "./marks.js";

const STILL_MS = 25_000;
/** How long a hand-over waits for the pictures; less than a connection may take. */
const GIVEN_MS = 12_000;
const PAGE_EDGE = 3_840;
/** The longer side of a picture in the list. */
const SMALL_EDGE = 240;
/** What one page holds; above, the oldest goes that has no marks, then the oldest. */
const MOST_PICTURES = 60;
/** What a headset calls what its camera took. */
const CAMERA_NAMES = new Set(["still.jpg", "preview.jpg", ""]);
const MOST_BYTES = 250 * 1024 * 1024;
/** @typedef {import("./stage.js").Picture & {blob: Blob, small: string, whole: boolean}} Kept small: its address in the list */

/** Emits `change`, `laid` (a picture that this page tells the log of), `say` (words), `show` (a picture or null for the live one), and `file` ({party, header, blob}). */
export class Album extends Emitter {
  #call;
  #names;
  #marked;
  #told;
  /** @type {Map<string, Kept>} */
  #pictures = new Map();
  #awaited = "";
  /** A picture that somebody shows and that is not here yet. */
  #wanted = "";
  #timer = 0;
  /** What this page shows: an id, or "live". */
  base = LIVE;

  /**
   * @param {import("./call.js").LiveCall} call
   * @param {{names: Map<string, string>, marked: (id: string) => boolean, told: (id: string) => {name: string} | null}} parts
   *   names of parties, by id; which pictures have marks; what the log says of a picture
   */
  constructor(call, { names, marked, told }) {
    super();
    this.#call = call;
    this.#names = names;
    this.#marked = marked;
    this.#told = told;
    const before = call.party(call.me)?.replaces;
    if (before) call.ready = this.#given(before);
    call.on("file", ({ party, header, blob }) => this.#received(party, header, blob));
    call.on("progress", ({ id, got, size }) => id === this.#awaited && this.#comes(Math.round((got / size) * 100)));
    call.on("broken", ({ words }) => this.emit("say", `A picture did not arrive. ${words}`));
    call.on("code", ({ party }) => this.#bring(party));
    call.on("message", ({ party, message }) => this.#hear(party, message));
  }

  /** @returns {Kept[]} */
  get all() {
    return [...this.#pictures.keys()].map((id) => /** @type {Kept} */ (this.get(id)));
  }

  /** A picture under the name that everybody has for it. @param {string} id @returns {Kept | undefined} */
  get(id) {
    const found = this.#pictures.get(id);
    return found && { ...found, name: this.#told(id)?.name || found.name };
  }

  /** Whether a still is on its way, and how much of it is here in percent. */
  waiting = { on: false, share: 0 };

  /** Show a picture, or the live one, to everybody. @param {string} base */
  lookAt(base) {
    const again = this.base === base;
    this.#show(base);
    if (!again || base === LIVE) this.#call.say({ type: "view", base });
  }

  /** Ask the headset for a still at its camera's full size; it is shown as soon as something of it is here. */
  freeze() {
    const headset = this.#call.others.find((/** @type {any} */ one) => one.kind === "headset");
    if (this.#awaited) return this.emit("say", "The picture is on its way ...");
    if (!headset?.camera) return this.emit("say", "The headset's camera is off.");
    this.#awaited = this.#newId();
    this.#call.say({ type: "still.ask", id: this.#awaited }, headset.id);
    this.waiting = { on: true, share: 0 };
    this.emit("say", "Freezing: the headset sends a picture at full size ...");
    this.emit("change");
    this.#timer = window.setTimeout(() => {
      this.#stopWaiting();
      this.emit("say", "The headset sent no picture. Try again.");
    }, STILL_MS);
  }

  /**
   * Put own pictures on the stage of everybody; the first of them is looked at.
   * @param {{blob: Blob, name: string}[]} pictures
   */
  async insert(pictures) {
    if (!this.#call.view.switches.files) throw new Error("This call does without files.");
    let first = "";
    for (const { blob, name } of pictures) {
      const id = await this.#share(await asPicture(blob), name.slice(0, 120) || "Picture");
      if (!first) this.lookAt(id);
      first ||= id;
    }
    const names = pictures.length === 1 ? this.get(first)?.name : `${pictures.length} pictures`;
    this.emit("say", `Everybody sees ${names}.`);
  }

  /** @param {Blob} blob @param {string} name @returns {Promise<string>} its id, once everybody was given it */
  async #share(blob, name) {
    const id = this.#newId();
    const about = { id, name, type: blob.type };
    await this.#call.socket.request("file.offer", {
      call: this.#call.id,
      file: { ...about, size: blob.size, sha256: await sha256(blob) },
    });
    await this.#keep(id, blob, name, true);
    const { width = 1, height = 1 } = this.get(id) ?? {};
    this.emit("say", `Sending ${name} ...`);
    this.emit("change");
    await Promise.all(
      [...this.#call.peers.values()].map((peer) => peer.files.send({ ...about, kind: "page", width, height }, blob)),
    );
    return id;
  }

  /** @param {string} base */
  #show(base) {
    this.base = base;
    this.#wanted = "";
    this.emit("show", this.get(base) ?? null);
    this.emit("change");
  }

  /** @param {number} share */
  #comes(share) {
    if (share === this.waiting.share) return;
    this.waiting = { on: true, share };
    this.emit("say", `The picture comes: ${share} %`);
    this.emit("change");
  }

  #stopWaiting() {
    clearTimeout(this.#timer);
    this.#awaited = "";
    this.waiting = { on: false, share: 0 };
    this.emit("change");
  }

  #newId() {
    return `p${Math.floor(this.#call.socket.now()).toString(36)}${crypto.randomUUID().slice(0, 6)}`;
  }

  /** @param {string} party @param {any} message */
  #hear(party, message) {
    if (message.type === "still.no" && message.id === this.#awaited) {
      this.#stopWaiting();
      this.emit("say", message.words || "The headset sent no picture.");
    } else if (message.type === "picture.ask" && typeof message.id === "string") this.#send(party, message.id);
    else if (message.type === "view" && this.#call.party(party)?.kind === "expert") {
      const picture = this.get(message.base);
      // Words and pictures come on channels of their own: words may be first.
      this.#wanted = picture || message.base === LIVE ? "" : String(message.base);
      if (this.#wanted) return;
      this.#show(message.base);
      this.emit("say", `${this.#names.get(party)} shows ${picture?.name ?? "the live picture"}.`);
    }
  }

  /** @param {string} party @param {any} header @param {Blob} blob */
  async #received(party, header, blob) {
    if (header.kind === "file") return this.emit("file", { party, header, blob });
    if (header.kind === "preview" && (header.id !== this.#awaited || this.get(header.id)?.whole)) return;
    const name = this.get(header.id)?.name ?? this.#told(header.id)?.name ?? this.#nameOf(header.name);
    // The preview stands for the whole picture: marks are shares of its size.
    await this.#keep(header.id, blob, name, header.kind !== "preview", header);
    if (header.id === this.#wanted) {
      this.#show(header.id);
      return this.emit("say", `${name} is shown.`);
    }
    if (header.id !== this.#awaited) return this.emit("change");
    this.lookAt(header.id);
    if (header.kind !== "still") return;
    this.#stopWaiting();
    this.emit("say", `${name} is here at full size, ${header.width} x ${header.height}.`);
  }

  /** A still of a camera is numbered; what somebody named keeps that. @param {string} told */
  #nameOf(told) {
    if (!CAMERA_NAMES.has(told)) return told;
    const numbers = this.all.map(({ name }) => Number(/^Picture (\d+)$/.exec(name)?.[1] ?? 0));
    return `Picture ${1 + Math.max(0, ...numbers)}`;
  }

  /**
   * @param {string} id @param {Blob} blob @param {string} name @param {boolean} whole
   * @param {{width?: number, height?: number}} [size]
   */
  async #keep(id, blob, name, whole, size) {
    const before = this.get(id);
    const bitmap = await createImageBitmap(blob).catch(() => null);
    if (!bitmap) return this.emit("say", `${name} cannot be shown.`);
    const { width, height } = whole || !size?.width || !size.height ? bitmap : { width: size.width, height: size.height };
    const small = URL.createObjectURL(await smallOf(bitmap));
    bitmap.close();
    this.#pictures.set(id, { id, blob, url: URL.createObjectURL(blob), small, name, width, height, whole });
    if (before) setTimeout(() => release(before), 1_000);
    this.#makeRoom(id);
    if (whole && this.#isFirst()) this.emit("laid", this.get(id));
  }

  /** Let go of what is too much for one page; its marks stay. @param {string} newest */
  #makeRoom(newest) {
    const bytes = () => this.all.reduce((sum, one) => sum + one.blob.size, 0);
    while (this.#pictures.size > MOST_PICTURES || bytes() > MOST_BYTES) {
      const others = this.all.filter((one) => one.id !== newest && one.id !== this.base);
      const gone = others.find((one) => !this.#marked(one.id)) ?? others[0];
      if (!gone) return;
      this.#pictures.delete(gone.id);
      release(gone);
      this.emit("say", `${gone.name} was let go: a page holds ${MOST_PICTURES} pictures or 250 MB.`);
    }
  }

  /** Whether this page speaks for all in what needs one voice: the expert who is there longest. */
  #isFirst() {
    const seats = this.#call.view.parties;
    return seats.find((/** @type {any} */ one) => one.kind === "expert" && one.state === "joined")?.id === this.#call.me;
  }

  // Between experts

  /** What the expert before had is here, or does not come. @param {string} before */
  #given(before) {
    return new Promise((resolve) => {
      const done = () => resolve(undefined);
      setTimeout(done, GIVEN_MS);
      this.#call.on("gone", (party) => party === before && done());
      this.#call.on("message", ({ party, message }) => {
        if (party !== before || message.type !== "pictures.done") return;
        // Words and pictures come on channels of their own: words may be first.
        const ids = Array.isArray(message.ids) ? message.ids : [];
        const check = () => ids.every((/** @type {string} */ id) => this.get(id)?.whole) && done();
        this.on("change", check);
        check();
      });
    });
  }

  /** Give a party a picture that it lacks. @param {string} party @param {string} id */
  async #send(party, id) {
    const picture = this.get(id);
    if (!picture) return;
    const { blob, name, width, height } = picture;
    const header = { id, kind: /** @type {const} */ ("still"), name, type: blob.type, width, height };
    await this.#call.peers.get(party)?.files.send(header, blob).catch(() => {});
  }

  /**
   * Who comes in later gets the pictures, from the expert who was there first. A headset whose page was loaded again is
   * told what is looked at, and asks for what it lacks.
   * @param {string} party
   */
  async #bring(party) {
    if (!this.#isFirst()) return;
    const headset = this.#call.party(party)?.kind === "headset";
    if (!headset) for (const { id } of this.all) await this.#send(party, id);
    if (this.base !== LIVE) this.#call.say({ type: "view", base: this.base }, party);
    if (!headset) this.#call.say({ type: "pictures.done", ids: this.all.map(({ id }) => id) }, party);
  }
}

/** @param {Kept} picture */
function release({ url, small }) {
  URL.revokeObjectURL(url);
  URL.revokeObjectURL(small);
}

/** @param {ImageBitmap} bitmap */
function smallOf(bitmap) {
  const scale = Math.min(1, SMALL_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.max(1, bitmap.width * scale), Math.max(1, bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.7 });
}

/** Any picture as one that all sides can show, not larger than needed; what it says beside its pixels is left out. @param {Blob} file */
async function asPicture(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) throw new Error("This file is no picture that can be shown. Insert a PNG, a JPEG or a PDF.");
  const scale = Math.min(1, PAGE_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (context) {
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }
  bitmap.close();
  return canvas.convertToBlob({ type: file.type === "image/png" ? "image/png" : "image/jpeg", quality: 0.9 });
}
