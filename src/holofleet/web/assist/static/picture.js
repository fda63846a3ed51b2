// @ts-check
/**
 * The picture on the headset: what the expert looks at, with everybody's marks over it. It is a still, a page of a
 * document, the expert's own camera, or nothing; the wearer's own camera is shown only where marks lie on it.
 */
import { MarkLog, LIVE } from "./marks.js";
import { drawMarks } from "./marks_view.js";
import { takeStill } from "./media.js";
import { at } from "./screens.js";
import { placeOn, tapped } from "./tapping.js";

const PREVIEW_PX = 320;
const POINTER_MS = 1_500;
/** A picture that is shown is mostly on its way already. */
const ASK_MS = 3_000;
const HINT_MS = 8_000;
const MOST_PICTURES = 24;
/** A picture that is shown bigger is shown in parts: where each is, in hundredths of the way from top left. */
const QUARTERS = [[0, 0], [100, 0], [0, 100], [100, 100]];
const MOST_BIGGER = 3;
const NARROW = 0.6;
const NONE = -1;

/** @typedef {{url: string, blob: Blob, width: number, height: number, header: any}} Shown */

export class Picture {
  base = LIVE;
  log;
  #call;
  #media;
  /** @type {Map<string, Shown>} */
  #pictures = new Map();
  /** @type {Map<string, HTMLVideoElement>} */
  #videos = new Map();
  /** @type {Map<string, {x: number, y: number, colour: string, author: string, base: string, timer: number}>} */
  #pointers = new Map();
  #hidden = false;
  #words = "";
  /** What is said again once something else was said for a while. */
  #lasting = "";
  #saying = 0;
  /** @type {Set<string>} pictures that were asked for again */
  #asked = new Set();
  #place = NONE;
  #hinted = false;
  #over = new AbortController();

  /**
   * @param {import("./call.js").LiveCall} call
   * @param {import("./media.js").Media} media
   */
  constructor(call, media) {
    this.#call = call;
    this.#media = media;
    this.log = new MarkLog({ call: call.id, author: call.me, now: () => call.socket.now() });
    call.on("stream", ({ party, stream }) => this.#hear(party, stream));
    call.on("gone", (party) => this.#part(party));
    call.on("view", () => this.draw());
    call.on("code", ({ party }) => this.#greet(party));
    call.on("message", ({ party, message }) => this.#take(party, message));
    call.on("pointer", ({ party, message }) => this.#point(party, message));
    call.on("file", ({ header, blob }) => ["still", "page"].includes(header.kind) && this.#keep(header, blob));
    media.on("change", () => this.draw());
    at("stage").addEventListener("click", (/** @type {MouseEvent} */ tap) => this.#tap(tap), { signal: this.#over.signal });
  }

  /** Take a picture at the camera's full size, and let everybody have it. @param {string} [id] */
  async take(id = crypto.randomUUID().slice(0, 20)) {
    const { camera } = this.#media;
    if (!camera || !this.#media.cameraOn) throw new Error("The camera is off.");
    const { blob, width, height } = await takeStill(camera);
    const header = { id, kind: "still", name: "still.jpg", type: blob.type, width, height };
    await this.#keep(header, blob);
    const preview = await smaller(blob);
    for (const peer of this.#call.peers.values()) send(peer, header, blob, preview);
    return id;
  }

  /** Show something else, and say so. @param {string} base */
  show(base) {
    if (base !== this.base) this.#place = NONE;
    this.base = base;
    this.draw();
    if (base === LIVE || this.#hinted) return;
    this.#hinted = true;
    this.say("Tap the picture to mark something.", HINT_MS);
  }

  /** How many pictures there are to turn over. */
  get count() {
    return this.#pictures.size;
  }

  get isBigger() {
    return this.#place !== NONE;
  }

  /** Show a quarter of the picture, twice as large, or the whole again. @param {boolean} on */
  setBigger(on) {
    this.#place = on && this.#pictures.has(this.base) ? 0 : NONE;
    this.draw();
  }

  /** The next part of a picture that is shown bigger; the next picture otherwise. @param {1 | -1} by */
  turn(by) {
    const place = this.#place + by;
    if (this.isBigger && place >= 0 && place < this.#parts().places.length) {
      this.#place = place;
      return this.draw();
    }
    const all = [...this.#pictures.keys()];
    if (!all.length) return;
    const at = all.indexOf(this.base);
    const bigger = this.isBigger;
    this.show(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
    if (bigger) this.#place = by > 0 ? 0 : this.#parts().places.length - 1;
    this.draw();
  }

  /** @param {boolean} hidden */
  hideMarks(hidden) {
    this.#hidden = hidden;
    this.draw();
  }

  /** Say something below the picture. @param {string} words @param {number} [ms] for how long; else until the next */
  say(words, ms = 0) {
    clearTimeout(this.#saying);
    const former = ms ? this.#lasting : words;
    this.#words = words;
    this.#lasting = former;
    if (ms) this.#saying = window.setTimeout(() => this.say(former), ms);
    this.draw();
  }

  /** Forget everything. */
  close() {
    this.#over.abort();
    for (const { url } of this.#pictures.values()) URL.revokeObjectURL(url);
    this.#pictures.clear();
    for (const party of [...this.#videos.keys()]) this.#part(party);
    for (const { timer } of this.#pointers.values()) clearTimeout(timer);
    clearTimeout(this.#saying);
    at("still").removeAttribute("src");
    at("self").srcObject = null;
    at("marks").replaceChildren();
    at("caption").hidden = true;
    for (const id of ["caption-words", "empty"]) at(id).textContent = "";
  }

  draw() {
    if (this.#over.signal.aborted) return;
    const picture = this.#pictures.get(this.base);
    const marks = this.log.marks(this.base);
    const pointers = [...this.#pointers.values()].filter((one) => one.base === this.base);
    const names = new Map(this.#call.view.parties.map((/** @type {any} */ one) => [one.id, one.name]));
    const drawn = this.base === LIVE && (marks.length > 0 || pointers.length > 0);
    if (!picture) this.#place = NONE;
    this.#enlarge();
    this.#showStill(picture);
    this.#showSelf(drawn && this.#media.cameraOn);
    const other = this.base === LIVE && !drawn ? this.#otherPicture() : "";
    for (const [party, video] of this.#videos) video.classList.toggle("vh", party !== other);
    at("empty").textContent = picture || other || drawn ? "" : this.#nothing();
    const size = picture ?? this.#ownSize();
    drawMarks(at("marks"), this.#hidden ? [] : marks, { ...size, names, pointers: this.#hidden ? [] : pointers });
    this.#caption(marks.filter((mark) => mark.kind === "step").at(-1));
  }

  /** Into which parts the picture falls when it is bigger: a narrow page top to bottom, a wide one into quarters. */
  #parts() {
    const { width = 1, height = 1 } = this.#pictures.get(this.base) ?? {};
    const stage = at("stage");
    const drawn = Math.min(stage.clientWidth, (stage.clientHeight * width) / height);
    if (drawn > stage.clientWidth * NARROW) return { scale: 2, places: QUARTERS };
    const scale = Math.min(MOST_BIGGER, stage.clientWidth / Math.max(1, drawn));
    const count = Math.ceil(scale) + 1;
    return { scale, places: Array.from({ length: count }, (_, one) => [50, (100 * one) / (count - 1)]) };
  }

  #enlarge() {
    const { scale, places } = this.#parts();
    const [x, y] = places[this.#place] ?? [50, 50];
    for (const one of [at("still"), at("marks")]) {
      one.style.transformOrigin = `${x}% ${y}%`;
      one.style.transform = this.isBigger ? `scale(${scale})` : "";
    }
  }

  /** @param {Shown | undefined} picture */
  #showStill(picture) {
    const still = at("still");
    if (picture && still.getAttribute("src") !== picture.url) still.src = picture.url;
    still.alt = picture ? (picture.header.kind === "page" ? "Page of a document" : "Still picture") : "";
    still.hidden = !picture;
  }

  /** @param {boolean} on */
  #showSelf(on) {
    const self = at("self");
    self.hidden = !on;
    const track = on ? this.#media.camera : null;
    if ((self.srcObject?.getVideoTracks()[0] ?? null) === track) return;
    self.srcObject = track ? new MediaStream([track]) : null;
    if (track) self.play().catch(() => {});
  }

  #ownSize() {
    const { width = 1920, height = 1080 } = this.#media.camera?.getSettings() ?? {};
    return { width, height };
  }

  /** @returns {string} a party whose camera is on; empty where there is none */
  #otherPicture() {
    return this.#call.others.find((/** @type {any} */ one) => one.camera && this.#videos.has(one.id))?.id ?? "";
  }

  #nothing() {
    const [expert] = this.#call.others;
    if (!expert) return "Nobody else is here now.";
    const name = expert.name || "The expert";
    if (this.base !== LIVE) return "The picture comes ...";
    return this.#media.cameraOn ? `${name} sees what you look at.` : `Your camera is off. ${name} hears you.`;
  }

  /** @param {any} step */
  #caption(step) {
    const words = step && !this.#hidden ? step.text || `Step ${step.number}` : this.#words;
    at("caption").hidden = !words;
    at("caption-words").textContent = words;
    at("step").hidden = !step || this.#hidden;
    at("step").textContent = step ? String(step.number) : "";
  }

  /**
   * @param {string} party
   * @param {MediaStream} stream
   */
  #hear(party, stream) {
    const video = this.#videos.get(party) ?? document.createElement("video");
    if (!this.#videos.has(party)) {
      video.autoplay = video.playsInline = true;
      video.className = "vh";
      this.#videos.set(party, video);
      at("others").append(video);
    }
    if (video.srcObject !== stream) video.srcObject = stream;
    video.play().catch(() => {});
    this.draw();
  }

  /** @param {string} party */
  #part(party) {
    const video = this.#videos.get(party);
    if (video) video.srcObject = null;
    video?.remove();
    this.#videos.delete(party);
    this.#unpoint(party);
    this.draw();
  }

  /** Who joins, or comes back, gets what is on the table. @param {string} party */
  async #greet(party) {
    const peer = this.#call.peers.get(party);
    if (!peer) return;
    if (this.log.events.length) this.#call.say({ type: "marks", events: this.log.events }, party);
    const newest = [...this.#pictures.values()].reverse();
    newest.sort((one, other) => Number(other.header.id === this.base) - Number(one.header.id === this.base));
    for (const { header, blob } of newest) {
      // A page of a document goes back as a still: its document was allowed when it came.
      await peer.files.send({ ...header, kind: "still" }, blob).catch(() => {});
    }
  }

  /**
   * @param {string} party
   * @param {any} message
   */
  async #take(party, message) {
    // A guest says what is its own, and neither turns the pages nor takes pictures.
    const guest = this.#call.party(party)?.kind === "guest";
    if (message.type === "marks" && Array.isArray(message.events)) {
      for (const event of message.events) if (!guest || event?.author === party) this.log.take(event);
      this.draw();
    } else if (guest) {
      return;
    } else if (message.type === "view" && typeof message.base === "string") {
      this.show(message.base);
      this.#fetch(message.base, party);
    } else if (message.type === "still.ask" && typeof message.id === "string" && /^[\w.-]{1,40}$/.test(message.id)) {
      await this.take(message.id).catch((error) => {
        this.#call.say({ type: "still.no", id: message.id, words: error.message }, party);
      });
    }
  }

  /** A ring for everybody, or an own one less. Nothing stays where it is in a live picture, so none is put there.
   * @param {MouseEvent} tap */
  #tap(tap) {
    const picture = this.#pictures.get(this.base);
    const place = picture && !this.#hidden ? placeOn(at("still").getBoundingClientRect(), picture, tap) : null;
    const event = picture && place ? tapped(this.log, this.base, place, picture) : null;
    if (!event) return;
    this.#call.say({ type: "marks", events: [event] });
    this.draw();
  }

  /** Ask for a picture that this page gave up, or never had. @param {string} id @param {string} party */
  #fetch(id, party) {
    if (id === LIVE || this.#pictures.has(id) || this.#asked.has(id)) return;
    this.#asked.add(id);
    const wait = this.#pictures.size ? ASK_MS : 0; // a page that has none was loaded again
    window.setTimeout(() => {
      this.#asked.delete(id);
      if (this.base === id && !this.#pictures.has(id)) this.#call.say({ type: "picture.ask", id }, party);
    }, wait);
  }

  /**
   * @param {string} party
   * @param {any} message
   */
  #point(party, message) {
    const { x, y, base, colour } = message;
    if (![x, y].every((one) => Number.isFinite(one) && one >= 0 && one <= 1)) return this.#unpoint(party);
    clearTimeout(this.#pointers.get(party)?.timer);
    const timer = window.setTimeout(() => this.#unpoint(party), POINTER_MS);
    this.#pointers.set(party, { x, y, base: String(base ?? LIVE), colour: String(colour ?? "white"), author: party, timer });
    this.draw();
  }

  /** @param {string} party */
  #unpoint(party) {
    clearTimeout(this.#pointers.get(party)?.timer);
    if (this.#pointers.delete(party)) this.draw();
  }

  /**
   * @param {any} header
   * @param {Blob} blob
   */
  async #keep(header, blob) {
    const image = await createImageBitmap(blob).catch(() => null);
    if (!image) return; // it is not the picture that it says
    const { width, height } = image;
    image.close();
    if (this.#over.signal.aborted) return; // the call is over: nothing of it stays here
    const former = this.#pictures.get(header.id);
    if (former) URL.revokeObjectURL(former.url);
    this.#pictures.set(header.id, { url: URL.createObjectURL(blob), blob, width, height, header });
    for (const [id, { url }] of this.#pictures) {
      if (this.#pictures.size <= MOST_PICTURES) break;
      if (id === this.base) continue;
      URL.revokeObjectURL(url);
      this.#pictures.delete(id);
    }
    this.draw();
  }
}

/**
 * @param {import("./peer.js").Peer} peer
 * @param {any} header
 * @param {Blob} blob
 * @param {Blob} preview
 */
async function send(peer, header, blob, preview) {
  try {
    await peer.files.send({ ...header, kind: "preview", name: "preview.jpg", type: preview.type }, preview);
    await peer.files.send(header, blob);
  } catch {
    // The connection went: whoever comes back is given all pictures again.
  }
}

/** @param {Blob} blob */
async function smaller(blob) {
  const image = await createImageBitmap(blob, { resizeWidth: PREVIEW_PX, resizeQuality: "medium" });
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  image.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.6 });
}
