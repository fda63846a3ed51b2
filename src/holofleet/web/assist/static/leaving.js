// @ts-check
/**
 * A message for later: a picture, a voice note, words from a list. It is held in memory until the server has it, and
 * nowhere else; the page says so while it waits.
 */
import { takeStill } from "./media.js";
import { at, press, show, showPlate } from "./screens.js";

const PATH = "/h/left";
const PICTURE_BYTES = 720 * 1024;
const VOICE_S = 60;
const VOICE_BITS = 24_000;
/** Best first; what the browser does not write is not asked for. */
const VOICES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus"];
const TRIES = [[1, 0.85], [1, 0.7], [0.75, 0.7], [0.5, 0.6]];

/** @typedef {{name: string, to?: string, rota?: string}} Whom */

export class Leaving {
  #media;
  #open;
  #back;
  #over;
  /** @type {Whom} */
  #whom = { name: "" };
  #key = "";
  /** @type {Blob | null} */
  #picture = null;
  #url = "";
  /** @type {Blob | null} */
  #voice = null;
  #seconds = 0;
  /** @type {Set<string>} */
  #phrases = new Set();
  /** @type {MediaRecorder | null} */
  #recorder = null;
  #timer = 0;
  #waits = false;
  #isOpen = false;
  /** Camera and microphone on their way; what is pressed meanwhile is done when they are there. */
  #opening = Promise.resolve();
  /** What sends the message now. @type {AbortController | null} */
  #sending = null;

  /**
   * @param {import("./media.js").Media} media
   * @param {{open: () => Promise<boolean>, back: () => void, over: () => void}} acts `open` camera and microphone;
   *   `back` without a message; `over` once it is left
   */
  constructor(media, { open, back, over }) {
    this.#media = media;
    this.#open = open;
    this.#back = back;
    this.#over = over;
    at("leave-picture").addEventListener("click", () => this.#take());
    at("leave-voice").addEventListener("click", () => (this.#recorder ? this.#stop() : this.#record()));
    at("leave-words").addEventListener("click", () => show("words"));
    at("words-back").addEventListener("click", () => this.#draw());
    at("leave-send").addEventListener("click", () => this.#send());
    at("leave-not").addEventListener("click", () => this.#drop());
    for (const one of document.querySelectorAll("[data-phrase]")) {
      one.addEventListener("click", () => this.#choose(/** @type {HTMLElement} */ (one)));
    }
    media.on("change", () => this.#live());
  }

  /** Whether a message is finished, and the server does not have it yet. */
  get waits() {
    return this.#waits;
  }

  /** Whether a message is being made. */
  get isOpen() {
    return this.#isOpen;
  }

  /** Begin a message. @param {Whom} whom */
  begin(whom) {
    this.forget();
    this.#whom = whom;
    this.#key = crypto.randomUUID();
    this.#isOpen = true;
    this.resume();
  }

  /** Go on with a message that something else came before. */
  resume() {
    this.#opening = this.#prepare(this.#key);
    this.#draw();
  }

  /** Something else comes before it; what is in it stays. */
  pause() {
    this.#stop();
  }

  /** @param {string} key of the message for which it is */
  async #prepare(key) {
    try {
      if (!(await this.#open()) || key !== this.#key) return;
      this.#media.setMicrophone(false); // it is heard while a voice note is recorded, and not before
    } catch {
      if (key === this.#key && !at("leave").hidden) this.#say("Camera and microphone are closed to this page. Words can be left.");
    }
  }

  /** Say again how it stands, or send what waits. */
  again() {
    if (this.#waits) this.#send();
  }

  // Its parts

  async #take() {
    const key = this.#key;
    if (this.#picture) {
      this.#keepPicture(null);
    } else {
      if (!this.#media.cameraOn) this.#say("The camera opens ...");
      await this.#opening;
      const { camera } = this.#media;
      if (key !== this.#key) return;
      if (!camera || !this.#media.cameraOn) return this.#say("The camera is off.");
      try {
        const { blob } = await takeStill(camera);
        const picture = await fitted(blob);
        if (key !== this.#key || this.#sending) return; // it was thrown away, or is on its way
        this.#keepPicture(picture);
      } catch {
        return this.#say("The picture could not be taken. Try again.");
      }
    }
    if (!at("leave").hidden) this.#draw();
  }

  /** @param {Blob | null} picture */
  #keepPicture(picture) {
    URL.revokeObjectURL(this.#url);
    this.#picture = picture;
    this.#url = picture ? URL.createObjectURL(picture) : "";
    const still = at("leave-still");
    if (picture) still.src = this.#url;
    else still.removeAttribute("src");
    still.hidden = !picture;
  }

  async #record() {
    const key = this.#key;
    await this.#opening;
    if (key !== this.#key || this.#recorder || this.#sending) return;
    const { microphone } = this.#media;
    const mimeType = VOICES.find((one) => MediaRecorder.isTypeSupported(one));
    if (!microphone || !mimeType) return this.#say("The microphone is not there.");
    this.#media.setMicrophone(true);
    /** @type {Blob[]} */
    const parts = [];
    const begun = performance.now();
    const recorder = new MediaRecorder(new MediaStream([microphone]), { mimeType, audioBitsPerSecond: VOICE_BITS });
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      if (this.#recorder !== recorder) return; // it was thrown away
      this.#seconds = Math.min(VOICE_S, Math.max(1, Math.round((performance.now() - begun) / 1000)));
      this.#voice = new Blob(parts, { type: mimeType });
      this.#media.setMicrophone(false);
      this.#recorder = null;
      if (!at("leave").hidden) this.#draw();
    };
    this.#recorder = recorder;
    recorder.start();
    this.#timer = window.setInterval(() => {
      const seconds = Math.floor((performance.now() - begun) / 1000);
      this.#say(`Recording: ${seconds} of ${VOICE_S} s`);
      if (seconds >= VOICE_S) this.#stop();
    }, 250);
    this.#draw();
  }

  #stop() {
    clearInterval(this.#timer);
    if (this.#recorder?.state === "recording") this.#recorder.stop();
  }

  /** @param {HTMLElement} key */
  #choose(key) {
    const phrase = key.dataset.phrase ?? "";
    if (!this.#phrases.delete(phrase)) this.#phrases.add(phrase);
    key.setAttribute("aria-pressed", String(this.#phrases.has(phrase)));
  }

  // What is shown

  #draw() {
    at("leave-title").textContent = `A message for ${this.#whom.name}`;
    press("leave-picture", false, this.#picture ? "Another picture" : "Take picture");
    press("leave-voice", Boolean(this.#recorder), this.#recorder ? "Stop voice" : this.#voice ? "Another voice" : "Record voice");
    const has = Boolean(this.#picture || this.#voice || this.#phrases.size);
    at("leave-send").disabled = !has || Boolean(this.#recorder);
    at("leave-words").disabled = Boolean(this.#recorder);
    this.#live();
    const parts = [
      this.#picture && "Picture",
      this.#voice && `Voice, ${this.#seconds} s`,
      this.#phrases.size && `${this.#phrases.size === 1 ? "1 sentence" : `${this.#phrases.size} sentences`}`,
    ].filter(Boolean);
    this.#say(parts.length ? `In it: ${parts.join(" · ")}` : "Nobody sees or hears this before you send it.");
    show("leave");
  }

  #live() {
    const live = at("leave-live");
    const track = !at("leave").hidden && !this.#picture && this.#media.cameraOn ? this.#media.camera : null;
    live.hidden = !track;
    at("leave-empty").textContent = track || this.#picture ? "" : "No picture";
    if ((live.srcObject?.getVideoTracks()[0] ?? null) === track) return;
    live.srcObject = track ? new MediaStream([track]) : null;
    if (track) live.play().catch(() => {});
  }

  /** @param {string} words */
  #say(words) {
    at("leave-said").textContent = words;
  }

  // Sending

  async #send() {
    if (this.#sending) return;
    this.#stop();
    this.#media.close();
    const sending = (this.#sending = new AbortController());
    this.#waits = true;
    const { name } = this.#whom;
    const title = (/** @type {number} */ part) => `Sending ... ${Math.round(part * 100)} %`;
    showPlate({ who: name, title: title(0), lines: [["norec", "Camera and microphone are off"]], keys: [{ words: "Throw it away", icon: "back", act: () => this.#drop() }] });
    const say = (/** @type {number} */ part) => this.#sending === sending && (at("plate-title").textContent = title(part));
    const { status, words } = await posted(this.#form(), say, sending.signal);
    if (this.#sending !== sending) return; // it was thrown away meanwhile
    this.#sending = null;
    if (status === 201) return this.#left();
    if (status >= 400 && status < 500 && status !== 429) {
      this.#waits = false;
      return showPlate({
        who: name,
        title: "The message cannot be left",
        lines: [["warn", words]],
        keys: [{ words: "Change it", icon: "back", act: () => this.resume() }, { words: "Throw it away", icon: "end", act: () => this.#drop() }],
      });
    }
    showPlate({
      who: name,
      title: "The message waits",
      lines: [["signal", "It is sent as soon as the server answers"], ["warn", "Keep this page open: it is nowhere else"]],
      keys: [{ words: "Send again", icon: "signal", kind: "go", act: () => this.#send() }, { words: "Throw it away", icon: "back", act: () => this.#drop() }],
    });
  }

  #form() {
    const form = new FormData();
    form.set("key", this.#key);
    form.set("to", this.#whom.to ?? "");
    form.set("rota", this.#whom.rota ?? "");
    form.set("phrases", [...this.#phrases].join(" "));
    form.set("voice_s", String(this.#voice ? this.#seconds : 0));
    if (this.#picture) form.set("picture", this.#picture, "picture.jpg");
    if (this.#voice) form.set("voice", this.#voice, "voice");
    return form;
  }

  #left() {
    const { name } = this.#whom;
    this.forget();
    showPlate({
      who: name,
      title: "The message is left",
      lines: [["compliant", `${name} finds it on their page`], ["norec", "Nothing of it stays on this headset"]],
      keys: [{ words: "Done", icon: "back", act: () => this.#over() }],
    });
  }

  #drop() {
    this.forget();
    this.#media.close();
    this.#back();
  }

  /** Throw away what is in it, and what is on its way. */
  forget() {
    this.#stop();
    this.#sending?.abort();
    this.#sending = null;
    this.#isOpen = false;
    this.#key = "";
    this.#recorder = null;
    this.#keepPicture(null);
    this.#voice = null;
    this.#seconds = 0;
    this.#phrases.clear();
    this.#waits = false;
    at("leave-live").srcObject = null;
    for (const one of document.querySelectorAll("[data-phrase]")) one.setAttribute("aria-pressed", "false");
  }
}

/**
 * Send a form, and say how far it is.
 * @param {FormData} form
 * @param {(part: number) => void} progress
 * @param {AbortSignal} signal
 * @returns {Promise<{status: number, words: string}>} status 0: the server was not reached
 */
function posted(form, progress, signal) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", PATH);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => resolve({ status: request.status, words: request.response?.words ?? "The server does not take it." });
    request.onerror = request.ontimeout = request.onabort = () => resolve({ status: 0, words: "" });
    signal.addEventListener("abort", () => request.abort());
    request.timeout = 60_000;
    request.send(form);
  });
}

/**
 * Make a picture small enough to be left; sharpness goes before size.
 * @param {Blob} blob
 */
async function fitted(blob) {
  const image = await createImageBitmap(blob);
  let found = blob;
  for (const [scale, quality] of TRIES) {
    if (found.size <= PICTURE_BYTES) break;
    const canvas = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    found = await canvas.convertToBlob({ type: "image/jpeg", quality });
  }
  image.close();
  return found;
}
