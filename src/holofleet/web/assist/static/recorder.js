// @ts-check
/**
 * One recording of a call: the headset's whole picture and the sound of everybody, sent to the server piece by piece.
 *
 * Nothing is kept in the browser but what the server has not answered yet, and of that only so much.
 */
import { Emitter } from "./emitter.js";

const PIECE_MS = 2_000;
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];
const VIDEO_BITS = 4_000_000;
const AUDIO_BITS = 96_000;
/** What may wait for a server that does not answer; about a minute. */
export const MOST_WAITING = 32 * 1024 * 1024;
const AGAIN_MS = 1_500;

/** The sound of all streams in one, which streams come into and go out of while it is recorded. */
class Mixer {
  #context = new AudioContext();
  #into = this.#context.createMediaStreamDestination();
  /** @type {Map<string, [string, AudioNode]>} by who, with the track that is heard */
  #sources = new Map();

  get track() {
    return this.#into.stream.getAudioTracks()[0];
  }

  /** @param {string} who @param {MediaStreamTrack | null | undefined} track */
  hear(who, track) {
    const former = this.#sources.get(who);
    if (former?.[0] === (track?.id ?? "")) return;
    former?.[1].disconnect();
    this.#sources.delete(who);
    if (!track) return;
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    source.connect(this.#into);
    this.#sources.set(who, [track.id, source]);
  }

  resume() {
    return this.#context.resume();
  }

  close() {
    this.#context.close().catch(() => {});
  }
}

/** Emits `change` as it goes on, and `over` {words}: empty where nothing is wrong. */
export class Recorder extends Emitter {
  #mixer = new Mixer();
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {Blob[]} pieces that the server has not answered */
  #waiting = [];
  #waitingBytes = 0;
  #next = 0;
  #id = "";
  #limit = 0;
  #sending = false;
  #over = false;
  #startedAt = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {import("./desk.js").Desk} desk */
  constructor(desk) {
    super();
    this.desk = desk;
  }

  get seconds() {
    return this.#startedAt ? Math.floor((performance.now() - this.#startedAt) / 1000) : 0;
  }

  /** How much the server has not got yet, in bytes. */
  get unsent() {
    return this.#waitingBytes;
  }

  get isLate() {
    return this.#late;
  }
  #late = false;

  /** Begin; throws what the person is told where it cannot. */
  async start() {
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    const picture = this.#picture();
    if (!type) throw new Error("This browser cannot record.");
    if (!picture) throw new Error("There is no picture to record yet.");
    const answer = await post("/call-recordings", { call: this.desk.call.id, type: type.split(";")[0] });
    if (this.#over) return;
    this.#id = answer.id;
    this.#limit = answer.chunk_bytes;
    await this.#mixer.resume().catch(() => {});
    this.#hear();
    const stream = new MediaStream([picture, this.#mixer.track]);
    this.#recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: VIDEO_BITS, audioBitsPerSecond: AUDIO_BITS });
    this.#recorder.addEventListener("dataavailable", ({ data }) => this.#take(data));
    this.#recorder.addEventListener("error", () => this.#end("The browser stopped recording."));
    this.#recorder.addEventListener("stop", () => {
      if (!this.#over) this.#end("The picture changed, so the recording ended. Begin it again.");
    });
    this.#recorder.start(PIECE_MS);
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => {
      this.#hear();
      this.emit("change");
    }, 1_000);
    this.emit("change");
  }

  /** Stop at once; what is not sent is thrown away, because it may not be kept any more. */
  stop() {
    if (this.#over) return;
    this.#over = true;
    this.#close();
    this.emit("over", { words: "" });
  }

  /** Send what is left, then say that it is over. */
  async finish() {
    if (this.#over) return;
    const recorder = this.#recorder;
    if (recorder && recorder.state !== "inactive") {
      await new Promise((resolve) => {
        recorder.addEventListener("stop", resolve, { once: true });
        this.#finishing = true;
        recorder.stop();
      });
    }
    const until = performance.now() + 10_000;
    while (this.#waiting.length && performance.now() < until) await wait(50);
    if (this.#id) await post(`/call-recordings/${this.#id}/end`, {}).catch(() => {});
    this.stop();
  }
  #finishing = false;

  #picture() {
    const headset = this.desk.headset?.id;
    return this.desk.call.peers.get(headset)?.stream.getVideoTracks().find((/** @type {any} */ one) => one.readyState === "live");
  }

  /** Take everybody into the sound who is in the call now. */
  #hear() {
    this.#mixer.hear("me", this.desk.media.microphone);
    for (const [party, peer] of this.desk.call.peers) this.#mixer.hear(party, peer.stream.getAudioTracks()[0]);
  }

  /** @param {Blob} data */
  #take(data) {
    if (this.#over || !data.size) return;
    for (let at = 0; at < data.size; at += this.#limit) {
      const piece = data.slice(at, at + this.#limit);
      this.#waiting.push(piece);
      this.#waitingBytes += piece.size;
    }
    if (this.#waitingBytes > MOST_WAITING) {
      this.#end("The server did not answer for too long: the recording ended here. What it has is kept.");
      return;
    }
    this.#send();
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#waiting.length && !this.#over) {
      const piece = this.#waiting[0];
      try {
        const { next } = await sent("PUT", `/call-recordings/${this.#id}/${this.#next}`, piece);
        this.#late = false;
        this.#next = next;
        this.#waiting.shift();
        this.#waitingBytes -= piece.size;
      } catch (error) {
        if (error instanceof RefusedUploadError && error.rule !== "rate") {
          this.#end(error.rule === "consent" || error.rule === "no-such-recording" ? "" : error.message);
          break;
        }
        this.#late = true;
        this.emit("change");
        await wait(AGAIN_MS);
      }
    }
    this.#sending = false;
    this.emit("change");
  }

  /** @param {string} words */
  #end(words) {
    if (this.#over || (this.#finishing && !words)) return;
    if (this.#finishing && words.startsWith("The picture changed")) return;
    this.#over = true;
    this.#close();
    this.emit("over", { words });
  }

  #close() {
    clearInterval(this.#timer);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#recorder && this.#recorder.state !== "inactive") this.#recorder.stop();
    this.#mixer.close();
  }
}

/** The server says no, and why. */
class RefusedUploadError extends Error {
  /** @param {string} rule @param {string} words */
  constructor(rule, words) {
    super(words);
    this.rule = rule;
  }
}

/** @param {string} path @param {object} said */
function post(path, said) {
  return sent("POST", path, JSON.stringify(said));
}

/** @param {string} method @param {string} path @param {BodyInit} body */
async function sent(method, path, body) {
  const answer = await fetch(path, { method, body, headers: { "content-type": "application/octet-stream" } });
  if (answer.ok) return answer.json();
  if (answer.status === 409 || answer.status === 403) {
    const { rule, words } = await answer.json();
    throw new RefusedUploadError(rule ?? "", words ?? "It cannot be recorded now.");
  }
  if (answer.status === 413) {
    throw new RefusedUploadError("size", "The server takes smaller pieces only: the recording ended here. What it has is kept.");
  }
  throw new Error(`The server answered ${answer.status}.`);
}

/** @param {number} ms */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
