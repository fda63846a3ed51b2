// @ts-check
/** The keys beside the picture in a call: three groups of at most six, of which one is shown. */
import { at, press } from "./screens.js";

const GROUPS = ["keys-call", "keys-more", "keys-pictures"];
const SAID_MS = 12_000;

/** @typedef {import("./quality.js").QualityWatch} QualityWatch */

export class CallKeys {
  /** Whether motion comes before detail, and whether the picture is held small, as the wearer wants it. */
  motion = false;
  saving = false;

  #media;
  #picture;
  #watches;

  /**
   * @param {import("./media.js").Media} media
   * @param {{picture: () => import("./picture.js").Picture | null, watches: Map<string, QualityWatch>, add: () => void,
   *   handOver: () => void, end: () => unknown, stopRecording: () => unknown}} call what they act on; `add`, `handOver`:
   *   choose somebody else for the call
   */
  constructor(media, { picture, watches, add, handOver, end, stopRecording }) {
    this.#media = media;
    this.#picture = picture;
    this.#watches = watches;
    /** @type {Record<string, () => unknown>} */
    const acts = {
      mute: () => (media.microphone ? media.setMicrophone(!media.microphoneOn) : this.#say("There is no microphone.")),
      camera: () => media.setCamera(!media.cameraWanted).catch(() => this.#say("The camera does not start.")),
      picture: () => this.#take(),
      hide: () => this.#hide(),
      "more-keys": () => this.#more(),
      add,
      "hand-over": handOver,
      end,
      "stop-recording": stopRecording,
      pictures: () => this.#turnPages(),
      bigger: () => this.#enlarge(),
      previous: () => this.#picture()?.turn(-1),
      next: () => this.#picture()?.turn(1),
      "camera-view": () => this.#picture()?.show("live"),
      motion: () => this.#setMotion(),
      saving: () => this.#setSaving(),
    };
    for (const [id, act] of Object.entries(acts)) {
      at(id).addEventListener("click", () => {
        act();
        this.#drawSize();
      });
    }
    for (const one of document.querySelectorAll("[data-keys]")) {
      one.addEventListener("click", () => this.show(/** @type {HTMLElement} */ (one).dataset.keys ?? ""));
    }
  }

  /** As a call begins. */
  reset() {
    this.motion = this.saving = false;
    press("hide", false, "Hide marks");
    press("motion", false, "Show motion");
    press("saving", false, "Save network");
    this.show(GROUPS[0]);
    this.#drawSize();
  }

  /** @param {string} group */
  show(group) {
    for (const one of GROUPS) at(one).hidden = one !== group;
  }

  /** Camera and microphone as they are now. */
  draw() {
    const { microphone, microphoneOn, cameraWanted } = this.#media;
    const muted = microphone !== null && !microphoneOn;
    press("mute", muted, muted ? "Unmute me" : "Mute me");
    press("camera", !cameraWanted, cameraWanted ? "Camera off" : "Camera on");
  }

  /** Hold a new connection to what the wearer wants. @param {QualityWatch} watch */
  hold(watch) {
    if (this.motion) watch.setMotion(true);
    if (this.saving) watch.setSaving(true);
  }

  async #take() {
    const picture = this.#picture();
    try {
      const id = await picture?.take();
      if (id) picture?.show(id);
      this.#drawSize();
    } catch (error) {
      this.#say(error instanceof Error ? error.message : "");
    }
  }

  #hide() {
    const hidden = at("hide").getAttribute("aria-pressed") !== "true";
    press("hide", hidden, hidden ? "Show marks" : "Hide marks");
    this.#picture()?.hideMarks(hidden);
  }

  #more() {
    this.show("keys-more");
  }

  #enlarge() {
    const picture = this.#picture();
    if (picture?.base === "live") this.#say("A picture can be shown bigger: choose one with Next.");
    else picture?.setBigger(!picture.isBigger);
  }

  #turnPages() {
    const picture = this.#picture();
    if (!picture?.count) return this.#say("There are no pictures yet. Take one with Take picture.");
    if (picture?.base === "live") picture.turn(1);
    this.show("keys-pictures");
  }

  #setMotion() {
    this.motion = !this.motion;
    press("motion", this.motion, this.motion ? "Show detail" : "Show motion");
    this.#say(this.motion ? "Motion first: a weak network makes the picture smaller." : "Detail first: a weak network makes the picture slower.");
    for (const one of this.#watches.values()) one.setMotion(this.motion);
  }

  #setSaving() {
    this.saving = !this.saving;
    press("saving", this.saving, this.saving ? "Full picture" : "Save network");
    this.#say(this.saving ? "The network is saved: the picture is held small." : "The picture may grow again.");
    for (const one of this.#watches.values()) one.setSaving(this.saving);
  }

  /** @param {string} words for a while: they lie over the picture */
  #say(words) {
    this.#picture()?.say(words, SAID_MS);
  }

  #drawSize() {
    const bigger = Boolean(this.#picture()?.isBigger);
    press("bigger", bigger, bigger ? "Smaller" : "Bigger");
  }
}
