// @ts-check
/** Camera and microphone of this page: chosen, muted, given back. Nothing is opened before somebody taps. */

import { Emitter } from "./emitter.js";

export const WANTED = { width: 1920, height: 1080, frameRate: 30 };
const BACK = /back|rear|qc|environment/i;
const STILL_QUALITY = 0.85;

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Camera and microphone were given back before they had come. */
export class GivenBackError extends Error {}

/** Emits `change` when a track came, went or was switched. */
export class Media extends Emitter {
  /** @type {MediaStreamTrack | null} */
  camera = null;
  /** @type {MediaStreamTrack | null} */
  microphone = null;
  #wanted = { camera: false, microphone: false };
  /** Count what was opened and given back: what comes for an older one is given back at once. */
  #turn = 0;
  #cameraTurn = 0;

  constructor() {
    super();
    document.addEventListener("visibilitychange", () => this.#hide());
  }

  /** Whether the camera is on, or is on its way: what a key that switches it goes by. */
  get cameraWanted() {
    return this.#wanted.camera;
  }

  /** Whether the camera sends now. */
  get cameraOn() {
    return this.camera?.readyState === "live";
  }

  get microphoneOn() {
    return this.microphone?.readyState === "live" && this.microphone.enabled;
  }

  /**
   * Open what a call needs, in one question to the person.
   * @param {{camera: boolean}} needs
   * @throws {GivenBackError} when it was closed, or opened again, while the browser asked
   */
  async open({ camera }) {
    const turn = ++this.#turn;
    if (camera) this.#cameraTurn += 1;
    const ask = async () => navigator.mediaDevices.getUserMedia({ audio: SOUND, video: camera ? await chosenCamera() : false });
    const stream = await given(ask(), () => turn === this.#turn);
    this.microphone?.stop();
    this.microphone = stream.getAudioTracks()[0] ?? null;
    if (camera) {
      this.camera?.stop();
      this.camera = stream.getVideoTracks()[0] ?? null;
      this.#wanted.camera = this.camera !== null;
    }
    this.#wanted.microphone = true;
    this.#watch();
    this.emit("change");
  }

  /** @param {boolean} on */
  setMicrophone(on) {
    this.#wanted.microphone = on;
    if (this.microphone) this.microphone.enabled = on;
    this.emit("change");
  }

  /**
   * Switch the camera; off means that it is closed, and its light goes out, also where it has not come yet.
   * @param {boolean} on
   */
  async setCamera(on) {
    const turn = ++this.#cameraTurn;
    this.#wanted.camera = on;
    this.emit("change");
    if (on && !this.cameraOn) {
      const ask = async () => navigator.mediaDevices.getUserMedia({ video: await chosenCamera() });
      try {
        const stream = await given(ask(), () => turn === this.#cameraTurn);
        this.camera = stream.getVideoTracks()[0] ?? null;
      } catch (error) {
        if (error instanceof GivenBackError) return; // it was switched again meanwhile: that counts
        this.#wanted.camera = false;
        this.emit("change");
        throw error;
      }
      this.#watch();
    } else if (!on) {
      this.camera?.stop();
      this.camera = null;
    }
    this.emit("change");
  }

  /** Give everything back. */
  close() {
    this.#turn += 1;
    this.#cameraTurn += 1;
    this.#wanted = { camera: false, microphone: false };
    for (const track of [this.camera, this.microphone]) track?.stop();
    this.camera = this.microphone = null;
    this.emit("change");
  }

  #watch() {
    for (const track of [this.camera, this.microphone]) {
      if (!track) continue;
      track.onended = () => {
        if (track === this.camera) this.#wanted.camera = false;
        this.emit("change");
      };
    }
    if (document.hidden) this.#hide();
  }

  /** A page that nobody sees shows nobody anything. */
  async #hide() {
    if (document.hidden && this.cameraOn) {
      this.camera?.stop();
      this.camera = null;
      this.emit("change");
    } else if (!document.hidden && this.#wanted.camera && !this.cameraOn) {
      await this.setCamera(true).catch(() => this.emit("change"));
    }
  }
}

/**
 * What the browser gives, if it is still wanted then; nothing that comes late stays open.
 * @param {Promise<MediaStream>} asked
 * @param {() => boolean} isWanted
 * @throws {GivenBackError} it is not wanted any more, whatever the browser answered
 */
async function given(asked, isWanted) {
  const stream = await asked.catch((error) => {
    if (isWanted()) throw error;
    return null;
  });
  if (stream && isWanted()) return stream;
  for (const track of stream?.getTracks() ?? []) track.stop();
  throw new GivenBackError("Camera and microphone were given back meanwhile.");
}

/**
 * The camera that looks where the person looks, at 1080p. Sizes above it are not asked for: the camera of a HoloLens 2
 * gives a few frames a second there.
 * @returns {Promise<MediaTrackConstraints>}
 */
async function chosenCamera() {
  const size = {
    width: { ideal: WANTED.width },
    height: { ideal: WANTED.height },
    frameRate: { ideal: WANTED.frameRate, max: WANTED.frameRate },
  };
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
  const named = cameras.find((one) => BACK.test(one.label));
  return named ? { ...size, deviceId: { ideal: named.deviceId } } : { ...size, facingMode: { ideal: "environment" } };
}

/**
 * Take one picture at the camera's full size.
 * @param {MediaStreamTrack} track
 * @returns {Promise<{blob: Blob, width: number, height: number}>}
 */
export async function takeStill(track) {
  const frame = await grabbed(track);
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  canvas.getContext("2d")?.drawImage(frame, 0, 0);
  frame.close();
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: STILL_QUALITY });
  return { blob, width: canvas.width, height: canvas.height };
}

/** @param {MediaStreamTrack} track @returns {Promise<ImageBitmap>} */
async function grabbed(track) {
  const Capture = /** @type {any} */ (window).ImageCapture;
  if (Capture) return new Capture(track).grabFrame();
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  await video.play();
  const frame = await createImageBitmap(video);
  video.srcObject = null;
  return frame;
}
