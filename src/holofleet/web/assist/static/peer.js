// @ts-check
/**
 * The media between this page and one other party of a call.
 *
 * One side leads: it makes the media lines, repairs the path, and never gives way (the headset always leads; the other
 * side is "polite"). A camera that goes on or off, or another microphone, changes what a line carries, never the lines.
 */
import { Emitter } from "./emitter.js";
import { FileChannel } from "./files.js";
import { CodeExchange, hex } from "./safety.js";
import { origin, withStartBitrate } from "./sdp.js";
import { pathOf } from "./stats.js";

/** As an offer of a page that is new: no description came for so long, so it is asked for. */
const ASK_AFTER_MS = 2_500;
const DISCONNECTED_MS = 4_000;
const REPAIR_MS = 8_000;
/** Repairs of one connection before a new one is made. */
const REPAIRS = 2;
const AUDIO_KBPS = 40;
const MESSAGE_BYTES = 64 * 1024;
const MOST_UNHEARD = 4;

export const START_KBPS = 3_500;
export const MOST_KBPS = 4_500;

/** @typedef {import("./media.js").Media} Media */

/**
 * Emits `state` ({state, path}), `stream` (MediaStream), `code` (six digits), `alarm` (words), `message`, `pointer`,
 * `file`, `progress`, `broken`.
 */
export class Peer extends Emitter {
  /** @type {RTCPeerConnection} */
  connection;
  /** @type {FileChannel} */
  files;
  /** @type {"connecting" | "connected" | "reconnecting" | "failed"} */
  state = "connecting";
  /** The six digits; empty until they are known. */
  code = "";
  path = "";
  stream = new MediaStream();
  /** What the picture may cost, and how large it is: see `limit`. */
  limits = { kbps: MOST_KBPS, fps: 30, scale: 1, motion: false };

  #call;
  #other;
  #leads;
  #media;
  #signal;
  #relays;
  #startKbps;
  #codecs;
  #certificate;
  #stop;
  #carrying = Promise.resolve();
  /** @type {Record<string, RTCDataChannel>} */
  #channels = {};
  /** @type {Promise<CodeExchange> | null} */
  #exchange = null;
  /** @type {Promise<unknown>} one signal after the other */
  #turn = Promise.resolve();
  /** @type {string[]} what is said before the code is known */
  #unsaid = [];
  /** @type {any[]} files that came before the code was known */
  #unheard = [];
  /** @type {any[]} */
  #early = [];
  #making = false;
  #ignored = false;
  #remote = "";
  #repairs = 0;
  #closed = false;
  /** @type {Set<number>} */
  #timers = new Set();

  /**
   * @param {{
   *   call: string, other: string, leads: boolean, media: Media, certificate: RTCCertificate,
   *   signal: (type: "description" | "candidate" | "restart", fields?: object) => void,
   *   relays: () => Promise<RTCConfiguration>, startKbps?: number, codecs?: string[],
   * }} parts `certificate` is this page's own, `relays` fetches fresh credentials; `codecs` best first
   */
  constructor({ call, other, leads, media, certificate, signal, relays, startKbps = START_KBPS, codecs = [] }) {
    super();
    this.#call = call;
    this.#other = other;
    this.#leads = leads;
    this.#media = media;
    this.#certificate = certificate;
    this.#signal = signal;
    this.#relays = relays;
    this.#startKbps = startKbps;
    this.#codecs = codecs;
    this.#stop = media.on("change", () => this.#carry());
  }

  /** The other party's id in the call. */
  get other() {
    return this.#other;
  }

  /**
   * Begin.
   * @param {RTCConfiguration} configuration
   * @param {{running?: boolean}} [call] whether the other side may talk already, to a former page of ours
   */
  open(configuration, { running = false } = {}) {
    this.#make(configuration);
    if (!this.#leads) this.#ask(running ? 0 : ASK_AFTER_MS);
  }

  close() {
    this.#closed = true;
    this.#stop();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#drop();
  }

  /** @returns {Promise<RTCStatsReport>} */
  stats() {
    return this.connection.getStats();
  }

  /** Say something over the ordered channel; before the code is known it waits. @param {object} message */
  say(message) {
    const text = JSON.stringify({ v: 1, ...message });
    const channel = this.#channels.events;
    if (this.code && channel?.readyState === "open") channel.send(text);
    else this.#unsaid.push(text);
  }

  /** Point at something; lost rather than late. @param {object} message */
  point(message) {
    const channel = this.#channels.pointer;
    if (this.code && channel?.readyState === "open" && channel.bufferedAmount < 1024) {
      channel.send(JSON.stringify({ v: 1, ...message }));
    }
  }

  /**
   * Hold the picture that is sent to a bitrate and rate, and make it smaller by a factor.
   * @param {{kbps?: number, fps?: number, scale?: number, motion?: boolean}} limits
   */
  async limit(limits) {
    Object.assign(this.limits, limits);
    await this.#carry();
  }

  // Signals

  /**
   * Take what the other side signals; one after the other.
   * @param {string} type
   * @param {any} fields
   */
  take(type, fields) {
    const work = { description: () => this.#description(fields), candidate: () => this.#candidate(fields), restart: () => this.#restart() }[type];
    if (work) this.#turn = this.#turn.then(() => (this.#closed ? undefined : work())).catch((error) => this.emit("trouble", error));
  }

  /** @param {RTCSessionDescriptionInit} description */
  async #description(description) {
    const from = origin(description.sdp ?? "");
    if (this.#remote && from !== this.#remote) {
      // The other page was loaded again, or made a new connection: ours is of no use to it.
      this.#make(this.connection.getConfiguration());
      if (description.type === "answer") return; // to what our former connection offered; the new one has its own
    }
    const offers = description.type === "offer";
    const collides = offers && (this.#making || this.connection.signalingState !== "stable");
    this.#ignored = this.#leads && collides;
    if (this.#ignored || (!offers && this.connection.signalingState !== "have-local-offer")) return;
    const sdp = offers ? description.sdp : withStartBitrate(description.sdp ?? "", this.#startKbps);
    await this.connection.setRemoteDescription({ type: description.type, sdp });
    this.#remote = from;
    if (offers) await this.#answer();
    for (const candidate of this.#early.splice(0)) await this.#candidate(candidate);
    await this.#carry();
  }

  async #answer() {
    if (!this.#channels.events) this.#openChannels();
    for (const one of this.connection.getTransceivers()) one.direction = "sendrecv";
    await this.#carry();
    await this.connection.setLocalDescription();
    this.#signal("description", { description: this.connection.localDescription?.toJSON() });
  }

  /** @param {RTCIceCandidateInit | null} candidate */
  async #candidate(candidate) {
    if (!this.connection.remoteDescription) return void this.#early.push(candidate);
    try {
      await this.connection.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      // Of an offer that was ignored, or of a connection before this one.
      const known = candidate?.usernameFragment && this.connection.remoteDescription?.sdp.includes(candidate.usernameFragment);
      if (!this.#ignored && known) throw error;
    }
  }

  /** The other side wants an offer: its page is new, or its path is broken. */
  async #restart() {
    if (!this.#leads) return;
    const pending = this.connection.signalingState === "have-local-offer" && this.connection.localDescription;
    if (pending) this.#signal("description", { description: pending.toJSON() });
    else await this.#renew();
  }

  // The connection

  /** @param {RTCConfiguration} configuration */
  #make(configuration) {
    this.#drop();
    const connection = new RTCPeerConnection({
      ...configuration,
      bundlePolicy: "max-bundle",
      certificates: [this.#certificate],
    });
    this.connection = connection;
    this.#repairs = 0;
    connection.onicecandidate = ({ candidate }) => this.#signal("candidate", { candidate: candidate?.toJSON() ?? null });
    connection.onconnectionstatechange = () => this.#changed(connection);
    connection.ontrack = ({ track }) => this.#receive(track);
    if (!this.#leads) return;
    connection.onnegotiationneeded = () => this.#offer(connection);
    connection.addTransceiver("audio", { direction: "sendrecv" });
    preferred(connection.addTransceiver("video", { direction: "sendrecv" }), this.#codecs);
    this.#openChannels();
    this.#carry();
  }

  #drop() {
    this.#exchange = null;
    this.#remote = "";
    this.code = "";
    this.#early = [];
    this.#unheard = [];
    this.#channels = {};
    const former = this.connection;
    if (!former) return;
    former.onconnectionstatechange = former.onicecandidate = former.onnegotiationneeded = former.ontrack = null;
    former.close();
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
  }

  /** @param {RTCPeerConnection} connection */
  async #offer(connection) {
    if (connection !== this.connection) return;
    try {
      this.#making = true;
      await connection.setLocalDescription();
      this.#signal("description", { description: connection.localDescription?.toJSON() });
    } catch (error) {
      this.emit("trouble", error);
    } finally {
      this.#making = false;
    }
  }

  /** @param {MediaStreamTrack} track */
  #receive(track) {
    for (const former of this.stream.getTracks()) if (former.kind === track.kind) this.stream.removeTrack(former);
    this.stream.addTrack(track);
    this.emit("stream", this.stream);
  }

  /** Let the lines carry what camera and microphone give now; one change after the other. */
  #carry() {
    return (this.#carrying = this.#carrying.then(() => this.#carryNow()));
  }

  async #carryNow() {
    const parts = { audio: this.#media.microphone, video: this.#media.cameraOn ? this.#media.camera : null };
    for (const [kind, track] of Object.entries(parts)) {
      const sender = this.#sender(kind);
      if (!sender) continue;
      try {
        if (sender.track !== track) await sender.replaceTrack(track);
        if (this.connection.remoteDescription) await apply(sender, kind === "audio" ? { kbps: AUDIO_KBPS } : this.limits);
      } catch (error) {
        if (!this.#closed) this.emit("trouble", error);
      }
    }
  }

  /** @param {string} kind */
  #sender(kind) {
    const lines = this.connection?.signalingState === "closed" ? [] : (this.connection?.getTransceivers() ?? []);
    return lines.find((one) => one.receiver.track.kind === kind)?.sender;
  }

  // Its path

  /** @param {RTCPeerConnection} connection */
  async #changed(connection) {
    if (connection !== this.connection || this.#closed) return;
    if (connection.connectionState === "connected") {
      this.#repairs = 0;
      this.path = pathOf(await connection.getStats());
      this.#tell("connected");
      await this.#verify(connection);
    } else if (connection.connectionState === "disconnected") {
      this.#after(DISCONNECTED_MS, () => connection === this.connection && this.#isBroken() && this.#repair());
    } else if (connection.connectionState === "failed") {
      this.#repair();
    }
  }

  #isBroken() {
    return ["disconnected", "failed"].includes(this.connection.connectionState);
  }

  #repair() {
    this.#tell("reconnecting");
    if (this.#leads) this.#turn = this.#turn.then(() => this.#renew()).catch((error) => this.emit("trouble", error));
    else this.#signal("restart");
    const connection = this.connection;
    this.#after(REPAIR_MS, () => connection === this.connection && this.#isBroken() && this.#repair());
  }

  /** Another path over the same connection, or where that did not help another connection. */
  async #renew() {
    const configuration = await this.#relays();
    if (this.#closed) return;
    const connected = this.connection.remoteDescription !== null;
    if (!connected || ++this.#repairs > REPAIRS) return this.#make(configuration);
    this.connection.setConfiguration({ ...this.connection.getConfiguration(), ...configuration });
    this.connection.restartIce();
  }

  /** A page that does not lead waits for an offer; where none comes, its own page may be the new one. */
  #ask(ms = ASK_AFTER_MS) {
    this.#after(ms, () => {
      if (this.connection.remoteDescription) return;
      this.#signal("restart");
      this.#ask();
    });
  }

  /** @param {Peer["state"]} state */
  #tell(state) {
    if (this.state === state && state !== "connected") return;
    this.state = state;
    this.emit("state", { state, path: this.path });
  }

  /**
   * @param {number} ms
   * @param {() => unknown} work
   */
  #after(ms, work) {
    const timer = window.setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#closed) work();
    }, ms);
    this.#timers.add(timer);
  }

  // Its channels

  #openChannels() {
    const { connection } = this;
    const events = connection.createDataChannel("events", { negotiated: true, id: 0 });
    const pointer = connection.createDataChannel("pointer", { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 });
    const files = connection.createDataChannel("files", { negotiated: true, id: 2 });
    this.#channels = { events, pointer, files };
    this.files = new FileChannel(files);
    for (const type of ["progress", "broken"]) this.files.on(type, (value) => this.code && this.emit(type, value));
    this.files.on("file", (file) => {
      // The other side may know the code a moment before this one.
      if (this.code) this.emit("file", file);
      else if (this.#unheard.length < MOST_UNHEARD) this.#unheard.push(file);
    });
    events.onopen = () => this.#verify(connection);
    let turn = Promise.resolve();
    events.onmessage = ({ data }) => void (turn = turn.then(() => this.#hear(connection, data)));
    pointer.onmessage = ({ data }) => this.code && this.#pass("pointer", data);
  }

  /**
   * Begin the exchange of the code once the certificates of both sides are verified.
   * @param {RTCPeerConnection} connection
   */
  async #verify(connection) {
    const remote = connection.sctp?.transport.getRemoteCertificates()[0];
    if (this.#exchange || connection !== this.connection || !remote || this.#channels.events?.readyState !== "open") return;
    const own = this.#certificate.getFingerprints().find((one) => one.algorithm === "sha-256")?.value ?? "";
    const { events } = this.#channels;
    const parts = { call: this.#call, own: own.replaceAll(":", "").toLowerCase() };
    const exchange = crypto.subtle.digest("SHA-256", remote).then(
      (digest) => new CodeExchange({ ...parts, other: hex(digest), say: (said) => events.send(JSON.stringify(said)) }),
    );
    this.#exchange = exchange;
    await (await exchange).begin();
  }

  /**
   * @param {RTCPeerConnection} connection
   * @param {string} data
   */
  async #hear(connection, data) {
    if (connection !== this.connection) return;
    if (this.code) return this.#pass("message", data);
    try {
      await this.#verify(connection);
      this.code = (await (await this.#exchange)?.take(JSON.parse(data))) ?? "";
    } catch (error) {
      this.#closed = true;
      this.#drop();
      this.emit("alarm", `The other side ${error instanceof Error ? error.message : "did not keep to the code"}.`);
      return;
    }
    if (!this.code) return;
    this.emit("code", this.code);
    for (const file of this.#unheard.splice(0)) this.emit("file", file);
    for (const text of this.#unsaid.splice(0)) this.#channels.events.send(text);
  }

  /**
   * @param {string} type
   * @param {unknown} data
   */
  #pass(type, data) {
    if (typeof data !== "string" || data.length > MESSAGE_BYTES) return;
    try {
      const message = JSON.parse(data);
      if (message !== null && typeof message === "object") this.emit(type, message);
    } catch {
      // Not JSON: nothing of ours.
    }
  }
}

/**
 * @param {RTCRtpSender} sender
 * @param {{kbps: number, fps?: number, scale?: number, motion?: boolean}} limits
 */
async function apply(sender, { kbps, fps, scale, motion = false }) {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings ?? [];
  if (!encoding) return; // before the first description there is none
  encoding.active = kbps > 0;
  if (kbps) encoding.maxBitrate = kbps * 1000;
  if (fps === undefined) {
    encoding.priority = encoding.networkPriority = "high"; // sound goes first
  } else {
    encoding.maxFramerate = fps;
    encoding.scaleResolutionDownBy = scale;
    // Labels have to be read; size is ours to choose. Who wants motion says so.
    parameters.degradationPreference = motion ? "maintain-framerate" : "maintain-resolution";
  }
  await sender.setParameters(parameters);
}

/**
 * Put the codecs that this device encodes best first; whatever else is known follows.
 * @param {RTCRtpTransceiver} line
 * @param {string[]} order such as `["H264", "VP8"]`
 */
function preferred(line, order) {
  if (!order.length || !line.setCodecPreferences) return;
  const place = (/** @type {{mimeType: string}} */ codec) => {
    const at = order.indexOf(codec.mimeType.replace("video/", "").toUpperCase());
    return at < 0 ? order.length : at;
  };
  const known = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  line.setCodecPreferences([...known].sort((one, other) => place(one) - place(other)));
}
