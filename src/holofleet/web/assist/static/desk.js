// @ts-check
/**
 * One call as somebody at a desk holds it, expert or guest: the call itself, the stage with its marks, the pictures, the
 * sounds. The page brings the elements (stage.html); a module that adds something has a function `join(desk)`.
 */
import { nameOf } from "./beside.js";
import { Album } from "./album.js";
import { LiveCall } from "./call.js";
import { Emitter } from "./emitter.js";
import { MarkLog } from "./marks.js";
import { $, banner, say } from "./page.js";
import { SharedMarks } from "./shared_marks.js";
import { playAll } from "./sounds.js";
import { Stage } from "./stage.js";

/** Emits `view` (what the server says of the call), `change` (stage, marks or pictures, once a frame), `ended` (view). */
export class Desk extends Emitter {
  /** @type {Map<string, string>} names of parties, by id */
  names = new Map();
  #drawing = 0;

  /**
   * @param {{socket: import("./socket.js").AssistSocket, media: import("./media.js").Media, view: any, keeps?: boolean | "own", freezes?: boolean}} parts
   *   view: the call as the server tells it; keeps: whether this page gives the server its copy of the marks, of all or of
   *   its own; freezes: whether it asks the headset for stills
   */
  constructor({ socket, media, view, keeps = true, freezes = true }) {
    super();
    this.socket = socket;
    this.media = media;
    this.#name(view);
    this.call = new LiveCall({ socket, media, view });
    this.log = new MarkLog({ call: view.id, author: view.me, now: () => socket.now() });
    this.album = new Album(this.call, {
      names: this.names,
      marked: (id) => this.log.marks(id).length > 0,
      told: (id) => this.log.picture(id),
    });
    this.stage = new Stage($("stage"), this.log, {
      made: (event) => this.marks.made(event),
      pointed: (pointer) => this.call.point(pointer ?? { base: this.stage.base, x: null, y: null }),
      freeze: () => (freezes ? this.album.freeze() : say("Marks go onto pictures: an expert freezes one. You can point.")),
      say,
      changed: () => this.changed(),
    });
    this.stage.names = this.names;
    this.marks = new SharedMarks(this.call, this.log, { changed: () => this.stage.redraw(), keeps });
    playAll(this.call);
    this.#listen();
  }

  /** The headset of the call as the server shows it. */
  get headset() {
    return this.call.view.parties.find((/** @type {any} */ one) => one.kind === "headset");
  }

  /** The own seat. */
  get seat() {
    return this.call.party(this.call.me);
  }

  /** What is shown is another thing now. */
  changed() {
    if (this.#drawing) return;
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = 0;
      this.emit("change");
    });
  }

  /** @param {any} view */
  #name(view) {
    for (const party of view.parties) this.names.set(party.id, nameOf(party));
  }

  #listen() {
    const { call, album, stage } = this;
    album.on("say", say);
    album.on("change", () => this.changed());
    album.on("laid", (picture) => {
      const event = this.log.lay(picture.id, picture);
      if (event) this.marks.made(event);
    });
    album.on("show", (picture) => stage.show(picture));
    call.on("pointer", ({ party, message }) => stage.pointer(party, message));
    call.on("alarm", ({ words }) => banner(`Somebody may listen in: ${words}. End the call.`, "hot"));
    call.on("link", ({ party, state }) => this.#linked(party, state));
    call.on("view", (view) => {
      this.#name(view);
      this.emit("view", view);
      this.changed();
    });
    call.on("ended", (view) => this.emit("ended", view));
  }

  /** @param {string} party @param {string} state */
  #linked(party, state) {
    const name = this.names.get(party);
    if (state === "connected") banner("");
    else if (state === "reconnecting") banner(`The connection to ${name} was lost. Trying again ...`, "warn");
    else if (state === "failed") banner(`No connection to ${name}.`, "hot");
  }
}
