// @ts-check
/**
 * One call as a page lives it: what the server says of it, and a connection to each other party.
 *
 * Pages tell it what the person wants, and hear what to show; neither descriptions nor relays are theirs.
 */
import { preferredCodecs } from "./codecs.js";
import { Emitter } from "./emitter.js";
import { Peer, START_KBPS } from "./peer.js";

const HERE = new Set(["joining", "joined", "reconnecting"]);
const FILE_WAIT_MS = 15_000;

/** @typedef {import("./socket.js").AssistSocket} AssistSocket */
/** @typedef {import("./media.js").Media} Media */
/** @typedef {Record<string, any>} View */

/**
 * Emits `view` (View), `peer` (Peer), `gone` (party id), `stream`, `code`, `alarm`, `link`, `message`, `pointer`, `file`,
 * `progress`, `broken` (each with `party`), `trouble`, and `ended` (View) once.
 */
export class LiveCall extends Emitter {
  /** @type {View} */
  view;
  /** @type {Map<string, Peer>} */
  peers = new Map();
  /**
   * What comes first before the server hears that the media is connected: whoever is replaced leaves with that.
   * @type {Promise<unknown>}
   */
  ready = Promise.resolve();

  /** @type {AssistSocket} */
  socket;
  #media;
  #startKbps;
  /** @type {Promise<RTCCertificate>} */
  #certificate = RTCPeerConnection.generateCertificate(/** @type {any} */ ({ name: "ECDSA", namedCurve: "P-256" }));
  #codecs = preferredCodecs();
  /** @type {Set<string>} parties whose connection is being made */
  #opening = new Set();
  /** @type {Map<string, [string, any][]>} what they signalled meanwhile */
  #signals = new Map();
  /** @type {Map<string, string>} files that the server let pass: SHA-256 by id */
  #allowed = new Map();
  #said = "";
  #linked = false;
  #over = false;
  /** @type {(() => void)[]} */
  #stops;

  /** @param {{socket: AssistSocket, media: Media, view: View, startKbps?: number}} parts */
  constructor({ socket, media, view, startKbps = START_KBPS }) {
    super();
    this.socket = socket;
    this.#media = media;
    this.#startKbps = startKbps;
    this.view = view;
    const mine = (/** @type {any} */ message) => message.call === this.id;
    this.#stops = [
      socket.on("call.state", ({ call }) => call.id === this.id && this.take(call)),
      socket.on("up", ({ calls }) => this.#resumed(calls)),
      socket.on("file", (message) => mine(message) && this.#allowed.set(message.file.id, message.file.sha256)),
      media.on("change", () => this.#tellMedia()),
      ...["description", "candidate", "restart"].map((type) =>
        socket.on(`signal.${type}`, (message) => mine(message) && this.#signalled(message.from, type, message[type])),
      ),
    ];
    // What is said here is heard by who makes the call only after this turn.
    queueMicrotask(() => this.take(view));
  }

  get id() {
    return this.view.id;
  }

  /** The own party's id. */
  get me() {
    return this.view.me;
  }

  /** The other parties that have said yes and are not gone. */
  get others() {
    return this.view.parties.filter((/** @type {any} */ one) => one.id !== this.me && HERE.has(one.state));
  }

  /** @param {string} party @returns {any} the party as the server shows it */
  party(party) {
    return this.view.parties.find((/** @type {any} */ one) => one.id === party);
  }

  /** The six digits of one connection; empty until they are known. @param {string} party */
  code(party) {
    return this.peers.get(party)?.code ?? "";
  }

  async accept() {
    const answer = await this.socket.request("call.accept", { call: this.id });
    this.take(answer.call);
  }

  /** End it for everybody. */
  async end() {
    await this.#finish("call.end");
  }

  /** Go, and let the others talk on. */
  async leave() {
    await this.#finish("call.leave");
  }

  /** Take back a call that nobody has answered. */
  async cancel() {
    await this.#finish("call.cancel");
  }

  /**
   * Say something to one party, or to all.
   * @param {object} message
   * @param {string} [party]
   */
  say(message, party) {
    for (const peer of party ? [this.peers.get(party)] : this.peers.values()) peer?.say(message);
  }

  /** @param {object} message */
  point(message) {
    for (const peer of this.peers.values()) peer.point(message);
  }

  /** Close every connection; says nothing to the server. */
  close() {
    this.#over = true;
    for (const stop of this.#stops) stop();
    for (const party of [...this.peers.keys()]) this.#part(party);
  }

  /** Take how the call stands. @param {View} view */
  take(view) {
    if (this.#over) return;
    this.view = view;
    if (view.state === "ended") return this.#end();
    const mine = this.party(this.me);
    const others = HERE.has(mine?.state) ? this.others : [];
    const here = new Set(others.map((/** @type {any} */ one) => one.id));
    for (const party of [...this.peers.keys()]) if (!here.has(party)) this.#part(party);
    for (const party of here) this.#meet(party);
    if (here.size) this.#tellMedia();
    this.emit("view", view);
  }

  /** @param {string} type */
  async #finish(type) {
    for (const peer of this.peers.values()) peer.close(); // nothing more is seen or heard, whatever the server says
    const answer = await this.socket.request(type, { call: this.id });
    if (answer.call?.state === "ended") this.take(answer.call);
    else this.#end();
  }

  #end() {
    if (this.#over) return;
    this.close();
    this.emit("ended", this.view);
  }

  /** @param {View[]} calls the calls that the server knows after a lost connection */
  #resumed(calls) {
    const found = calls.find((one) => one.id === this.id);
    if (found) this.take(found);
    if (found && this.#linked) this.#tellLink(true);
    this.#said = "";
  }

  // Connections

  /** @param {string} party */
  async #meet(party) {
    if (this.peers.has(party) || this.#opening.has(party)) return;
    this.#opening.add(party);
    const [certificate, codecs, relays] = await Promise.all([this.#certificate, this.#codecs, this.#relays()]);
    this.#opening.delete(party);
    const leads = this.view.polite[party] === false;
    if (this.#over || !this.others.some((/** @type {any} */ one) => one.id === party)) return;
    const peer = new Peer({
      call: this.id,
      other: party,
      leads,
      media: this.#media,
      certificate,
      codecs,
      startKbps: this.#startKbps,
      signal: (type, fields = {}) => this.socket.tell(`signal.${type}`, { call: this.id, to: party, ...fields }),
      relays: () => this.#relays(),
    });
    this.peers.set(party, peer);
    this.#listen(peer);
    this.emit("peer", peer);
    peer.open(relays, { running: this.party(party).state !== "joining" });
    for (const [type, fields] of this.#signals.get(party) ?? []) peer.take(type, fields);
    this.#signals.delete(party);
  }

  /** @param {Peer} peer */
  #listen(peer) {
    const party = peer.other;
    for (const type of ["message", "pointer"]) peer.on(type, (message) => this.emit(type, { party, message }));
    for (const type of ["progress", "broken"]) peer.on(type, (value) => this.emit(type, { party, ...value }));
    peer.on("file", (file) => this.#received(party, file));
    peer.on("stream", (stream) => this.emit("stream", { party, stream }));
    peer.on("code", (code) => this.emit("code", { party, code }));
    peer.on("alarm", (words) => this.emit("alarm", { party, words }));
    peer.on("trouble", (error) => this.emit("trouble", { party, error }));
    peer.on("state", (link) => {
      this.#tellLink();
      this.emit("link", { party, ...link });
    });
  }

  /** @param {string} party */
  #part(party) {
    this.peers.get(party)?.close();
    this.peers.delete(party);
    this.#signals.delete(party);
    this.emit("gone", party);
  }

  /**
   * @param {string} party
   * @param {string} type
   * @param {any} fields
   */
  #signalled(party, type, fields) {
    const peer = this.peers.get(party);
    if (peer) return peer.take(type, fields);
    const waiting = this.#signals.get(party) ?? [];
    this.#signals.set(party, [...waiting, [type, fields]].slice(-100));
  }

  /** @returns {Promise<RTCConfiguration>} */
  async #relays() {
    const turn = await this.socket.request("turn.get", { call: this.id });
    return { iceServers: turn.servers, iceTransportPolicy: turn.policy };
  }

  /** Tell the server whether this party's media is connected, once for each change. @param {boolean} [again] */
  #tellLink(again = false) {
    const connected = [...this.peers.values()].find((peer) => peer.state === "connected");
    const lost = !connected && [...this.peers.values()].some((peer) => peer.state === "reconnecting");
    if (connected && (again || !this.#linked)) {
      const path = connected.path;
      this.ready.then(() => this.#over || this.socket.tell("call.connected", { call: this.id, path }));
    }
    if (lost && this.#linked) this.socket.tell("call.lost", { call: this.id });
    if (connected || lost) this.#linked = Boolean(connected);
  }

  #tellMedia() {
    const state = { camera: this.#media.cameraOn, microphone: this.#media.microphoneOn };
    if (this.#over || !HERE.has(this.party(this.me)?.state) || this.#said === JSON.stringify(state)) return;
    this.#said = JSON.stringify(state);
    // What did not arrive is said again with the next news of the call.
    this.socket.request("call.media", { call: this.id, ...state }).catch(() => (this.#said = ""));
  }

  /**
   * Hand on a picture at once, a document only once the server has let it pass.
   * @param {string} party
   * @param {{header: import("./files.js").Header, blob: Blob}} file
   */
  async #received(party, { header, blob }) {
    const until = performance.now() + FILE_WAIT_MS;
    while (["file", "page"].includes(header.kind) && this.#allowed.get(header.id) !== header.sha256) {
      if (this.#over || performance.now() > until) {
        return this.emit("broken", { party, header, words: "The server did not let it pass." });
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    this.emit("file", { party, header, blob });
  }
}
