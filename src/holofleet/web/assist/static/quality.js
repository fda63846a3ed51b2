// @ts-check
/**
 * How good a connection is, in the guide's bands, and what is given up first where it is not good enough.
 *
 * What a picture needs at the moment says nothing of what a network can carry: a still scene sends almost nothing.
 * So a capacity counts only where the picture was limited by it; otherwise delay and loss are the grade.
 */
import { Emitter } from "./emitter.js";
import { pathOf, usedPair } from "./stats.js";

/** Best first. @type {readonly Grade[]} */
export const GRADES = Object.freeze(["optimal", "minimum", "reduced", "stills", "audio", "none"]);
/** The guide's two numbers are the first two: 4 and 1.5 Mbit/s. The rest are ours. */
const LEAST_KBPS = [4000, 1500, 500, 150, 40, 0];
const MOST_RTT_MS = [150, 300, 600, Infinity, Infinity, Infinity];
const MOST_JITTER_MS = [30, 50, 100, Infinity, Infinity, Infinity];
const MOST_LOSS = [0.01, 0.03, 0.1, Infinity, Infinity, Infinity];

const WORSE_AFTER_S = 5;
const BETTER_AFTER_S = 15;
const REPORT_EVERY_S = 5;

/** @typedef {"optimal" | "minimum" | "reduced" | "stills" | "audio" | "none"} Grade */
/** @typedef {Record<string, any>} Sample */

const WORDS = {
  optimal: "Good picture",
  minimum: "Picture good enough",
  reduced: "Reduced picture",
  stills: "Pictures only",
  audio: "Sound only",
  none: "No connection",
};

/** @param {Grade} grade */
export function words(grade) {
  return WORDS[grade];
}

/**
 * The grade of a moment: the worst of what is known.
 * @param {{capacity_kbps?: number, rtt_ms?: number, jitter_ms?: number, loss?: number}} known
 * @returns {Grade}
 */
export function gradeOf({ capacity_kbps = Infinity, rtt_ms = 0, jitter_ms = 0, loss = 0 }) {
  const at = GRADES.findIndex(
    (_, place) =>
      capacity_kbps >= LEAST_KBPS[place] &&
      rtt_ms <= MOST_RTT_MS[place] &&
      jitter_ms <= MOST_JITTER_MS[place] &&
      loss <= MOST_LOSS[place],
  );
  return GRADES[at];
}

/** A grade that does not flicker: worse after 5 seconds, better after 15. */
export class SteadyGrade {
  /** @type {Grade} */
  grade = "optimal";
  #worse = 0;
  #better = 0;

  /**
   * @param {Grade} now of one second
   * @returns {boolean} whether the grade changed
   */
  take(now) {
    const change = GRADES.indexOf(now) - GRADES.indexOf(this.grade);
    this.#worse = change > 0 ? this.#worse + 1 : 0;
    this.#better = change < 0 ? this.#better + 1 : 0;
    if (this.#worse < WORSE_AFTER_S && this.#better < BETTER_AFTER_S) return false;
    this.grade = now;
    this.#worse = this.#better = 0;
    return true;
  }
}

/**
 * What the sent picture may cost, best first: bitrate, then frames, then size, then pictures on demand, then sound.
 * The last but one still shows that something moves; marks and sound are never given up.
 */
export const STEPS = Object.freeze([
  { kbps: 4500, fps: 30, scale: 1 },
  { kbps: 2500, fps: 30, scale: 1 },
  { kbps: 1500, fps: 30, scale: 1 },
  { kbps: 1200, fps: 20, scale: 1 },
  { kbps: 1000, fps: 15, scale: 1.5 },
  { kbps: 600, fps: 15, scale: 2 },
  { kbps: 350, fps: 12, scale: 3 },
  { kbps: 120, fps: 2, scale: 6 },
  { kbps: 0, fps: 1, scale: 6 },
]);
/** The same bitrates for who wants to see motion rather than detail: size goes before frames. */
export const MOTION_STEPS = Object.freeze([
  { kbps: 4500, fps: 30, scale: 1 },
  { kbps: 2500, fps: 30, scale: 1 },
  { kbps: 1500, fps: 30, scale: 1 },
  { kbps: 1200, fps: 30, scale: 1.5 },
  { kbps: 1000, fps: 30, scale: 2 },
  { kbps: 600, fps: 24, scale: 2 },
  { kbps: 350, fps: 15, scale: 3 },
  { kbps: 120, fps: 2, scale: 6 },
  { kbps: 0, fps: 1, scale: 6 },
]);
const SHRUNK = 4;
/** A picture that takes longer cannot come fifteen times a second: the device is too slow for its size. */
const MOST_ENCODE_MS = 66;
/** The last step that a line of the guide's least bandwidth, 1.5 Mbit/s, holds beside sound and the caution of estimates. */
const LEAST_STEP = 4;
const SAVING_STEP = 5;
export const STILLS_STEP = 7;
export const SOUND_STEP = 8;
const SHARE = 0.9;

/** @typedef {"snapshots" | "low-resolution" | "refuse"} LowBandwidth */
/** @typedef {"" | "network" | "heat" | "hand"} Why */

/** Which step a picture stands on. */
export class Ladder {
  step = 0;
  /** @type {Why} why it is not the best */
  why = "";
  #rule;
  #least = 0;
  #under = 0;
  #over = 0;
  #hot = 0;
  #wait = BETTER_AFTER_S;

  /**
   * @param {{rule?: LowBandwidth, kbps?: number}} [begin] what the fleet wants below the guide's least bandwidth, and
   *   what the network is known to carry
   */
  constructor({ rule = "low-resolution", kbps = Infinity } = {}) {
    this.#rule = rule;
    this.step = this.#allowed(STEPS.findIndex((step) => step.kbps * SHARE <= kbps));
    if (this.step) this.why = "network";
  }

  /** Hold the picture small by hand, or not any more. @param {boolean} on @returns {boolean} whether the step changed */
  save(on) {
    this.#least = !on ? 0 : this.#rule === "snapshots" ? STILLS_STEP : SAVING_STEP;
    return on && this.step < this.#least ? this.#go(this.#least, "hand") : false;
  }

  /**
   * Take a second's measurements.
   * @param {{limited?: string, capacity_kbps?: number, loss?: number, encode_ms?: number, hot?: boolean}} now
   * @returns {boolean} whether the step changed
   */
  take({ limited = "none", capacity_kbps, loss = 0, encode_ms = 0, hot = false }) {
    const busy = hot || limited === "cpu" || encode_ms > MOST_ENCODE_MS;
    const carried = capacity_kbps ?? Infinity;
    const short = carried < STEPS[this.step].kbps * SHARE && (limited === "bandwidth" || loss > 0.05 || carried < 150);
    const better = this.#better();
    // A small picture is no proof that the network carries a large one, nor that it does not: over a gap it is tried.
    const jumps = this.step - better > 1;
    const carries = carried > STEPS[better].kbps * SHARE || (jumps && carried > STEPS[this.step].kbps * SHARE);
    this.#under = short ? this.#under + 1 : 0;
    this.#hot = busy ? this.#hot + 1 : 0;
    this.#over = !short && !busy && carries && loss < 0.03 ? this.#over + 1 : 0;
    if (this.#under >= WORSE_AFTER_S) return this.#go(this.#fitting(carried), "network");
    // A device that is hot or busy is helped by a smaller picture only, and not tried again at once.
    if (this.#hot > WORSE_AFTER_S && this.step < SOUND_STEP) {
      this.#wait = BETTER_AFTER_S * 4;
      return this.#go(Math.max(SHRUNK, this.step + 1), "heat");
    }
    if (this.#over >= (jumps ? this.#wait * 2 : this.#wait) && better < this.step) {
      this.#wait = BETTER_AFTER_S;
      return this.#go(better, this.why);
    }
    return false;
  }

  /** The next step up that the fleet and the hand allow. */
  #better() {
    let step = this.step - 1;
    while (step > 0 && this.#allowed(step) >= this.step) step -= 1;
    step = Math.max(0, step);
    return Math.max(this.#allowed(step), this.#least) < this.step ? step : this.step;
  }

  /** @param {number} kbps */
  #fitting(kbps) {
    const fits = STEPS.findIndex((step, at) => at > this.step && step.kbps <= kbps * SHARE);
    return fits < 0 ? SOUND_STEP : fits;
  }

  /** Where the fleet wants no picture below the guide's least bandwidth, there is none. @param {number} step */
  #allowed(step) {
    if (step <= LEAST_STEP || this.#rule === "low-resolution") return step;
    return this.#rule === "refuse" ? SOUND_STEP : Math.max(step, STILLS_STEP);
  }

  /** @param {number} step @param {Why} why */
  #go(step, why) {
    const wanted = Math.max(this.#least, why === "network" ? this.#allowed(step) : step);
    const changed = wanted !== this.step;
    this.step = wanted;
    this.why = wanted === 0 ? "" : wanted === this.#least ? "hand" : why;
    this.#under = this.#over = this.#hot = 0;
    return changed;
  }
}

/** Looks at one connection each second. Emits `grade` ({grade, words, sample}) each second, and `step` ({step, why}) of its ladder. */
export class QualityWatch extends Emitter {
  steady = new SteadyGrade();
  ladder;
  /** @type {Sample} the last second */
  sample = {};

  #call;
  #party;
  #sends;
  #motion = false;
  #hot = () => false;
  /** @type {any} */
  #former = null;
  /** @type {Sample[]} */
  #unsaid = [];
  #timer;

  /**
   * @param {import("./call.js").LiveCall} call
   * @param {{party: string, sends?: boolean, begin?: {rule?: LowBandwidth, kbps?: number}, hot?: () => boolean}} parts
   *   `sends`: whether this page holds its own picture to the ladder; `begin`: as its ladder begins; `hot`: whether the
   *   device says that it is
   */
  constructor(call, { party, sends = false, begin = {}, hot = () => false }) {
    super();
    this.ladder = new Ladder(begin);
    this.#hot = hot;
    this.#call = call;
    this.#party = party;
    this.#sends = sends;
    this.#timer = window.setInterval(() => this.#look().catch(() => {}), 1000);
  }

  close() {
    clearInterval(this.#timer);
    this.#report();
  }

  /** Give up frames last, or size. @param {boolean} on */
  async setMotion(on) {
    this.#motion = on;
    await this.#holdNow();
  }

  /** Hold the picture small, or let it grow again. @param {boolean} on */
  async setSaving(on) {
    if (this.ladder.save(on)) await this.#changed();
  }

  async #changed() {
    await this.#holdNow();
    this.emit("step", { step: this.ladder.step, why: this.ladder.why });
  }

  async #holdNow() {
    const peer = this.#call.peers.get(this.#party);
    if (peer?.connection) await this.#hold(peer);
  }

  async #look() {
    const peer = this.#call.peers.get(this.#party);
    if (!peer?.connection) return;
    const now = read(await peer.stats());
    const former = this.#former;
    this.#former = now;
    if (!former || now.at <= former.at) return;
    const sample = between(former, now);
    this.sample = sample;
    const connected = peer.state === "connected";
    const bound = sample.limited === "bandwidth" || (sample.loss ?? 0) > 0.03;
    const capacity_kbps = connected ? (bound ? sample.capacity_kbps : undefined) : 0;
    if (this.#sends && connected && this.ladder.take({ ...sample, hot: this.#hot() })) await this.#changed();
    const forced = this.ladder.step === SOUND_STEP ? "audio" : this.ladder.step === STILLS_STEP ? "stills" : null;
    const grade = forced ?? gradeOf({ ...sample, capacity_kbps });
    this.steady.take(grade);
    this.emit("grade", { grade: this.steady.grade, words: words(this.steady.grade), sample });
    this.#keep(sample);
  }

  /** @param {import("./peer.js").Peer} peer */
  async #hold(peer) {
    const { kbps, fps, scale } = (this.#motion ? MOTION_STEPS : STEPS)[this.ladder.step];
    await peer.limit({ kbps, fps, scale, motion: this.#motion });
  }

  /** @param {Sample} sample */
  #keep(sample) {
    this.#unsaid.push(sample);
    if (this.#unsaid.length >= REPORT_EVERY_S) this.#report();
  }

  #report() {
    const samples = this.#unsaid.splice(0);
    if (!samples.length) return;
    const mean = (/** @type {string} */ field) => {
      const known = samples.map((one) => one[field]).filter(Number.isFinite);
      return known.length ? known.reduce((sum, one) => sum + one, 0) / known.length : undefined;
    };
    const last = samples.at(-1) ?? {};
    const told = {
      t: Math.round(this.#call.socket.now()),
      s: samples.length,
      grade: this.steady.grade,
      ...Object.fromEntries(["up_kbps", "down_kbps", "rtt_ms", "jitter_ms", "fps"].map((field) => [field, mean(field)])),
      loss: Math.min(1, mean("loss") ?? 0),
      width: last.width,
      height: last.height,
      limited: last.limited,
      path: last.path || undefined,
      freezes: samples.reduce((sum, one) => sum + (one.freezes ?? 0), 0),
    };
    this.#call.socket.tell("quality", { call: this.#call.id, samples: [told] });
  }
}

/** What counts of a report, with counters as they stand. @param {RTCStatsReport} report */
function read(report) {
  const all = [...report.values()];
  const of = (/** @type {string} */ type, /** @type {string} */ kind) => all.find((one) => one.type === type && one.kind === kind);
  const pair = usedPair(report);
  return {
    at: pair?.timestamp ?? all[0]?.timestamp ?? 0,
    pair,
    path: pathOf(report),
    out: of("outbound-rtp", "video"),
    in: of("inbound-rtp", "video"),
    sound: of("inbound-rtp", "audio"),
    far: of("remote-inbound-rtp", "video") ?? of("remote-inbound-rtp", "audio"),
  };
}

/**
 * @param {ReturnType<typeof read>} before
 * @param {ReturnType<typeof read>} now
 * @returns {Sample}
 */
function between(before, now) {
  const seconds = (now.at - before.at) / 1000;
  const grown = (/** @type {"pair" | "in" | "sound"} */ part, /** @type {string} */ field) =>
    Math.max(0, (now[part]?.[field] ?? 0) - (before[part]?.[field] ?? 0));
  const kbps = (/** @type {string} */ field) => (grown("pair", field) * 8) / 1000 / seconds;
  const received = now.in?.framesPerSecond ? "in" : "sound";
  const lost = grown(received, "packetsLost");
  const got = grown(received, "packetsReceived");
  const seen = now.out?.framesPerSecond ? now.out : now.in;
  const encoded = (now.out?.framesEncoded ?? 0) - (before.out?.framesEncoded ?? 0);
  const encoding_s = (now.out?.totalEncodeTime ?? 0) - (before.out?.totalEncodeTime ?? 0);
  const estimate = now.pair?.availableOutgoingBitrate;
  return {
    up_kbps: kbps("bytesSent"),
    down_kbps: kbps("bytesReceived"),
    capacity_kbps: estimate ? estimate / 1000 : undefined,
    rtt_ms: (now.pair?.currentRoundTripTime ?? now.far?.roundTripTime ?? 0) * 1000,
    jitter_ms: (now[received]?.jitter ?? now.far?.jitter ?? 0) * 1000,
    loss: Math.max(got + lost ? lost / (got + lost) : 0, Math.max(0, now.far?.fractionLost ?? 0)),
    fps: seen?.framesPerSecond,
    width: seen?.frameWidth,
    height: seen?.frameHeight,
    limited: now.out?.framesPerSecond ? now.out.qualityLimitationReason : undefined,
    encode_ms: encoded > 0 ? (encoding_s / encoded) * 1000 : 0,
    freezes: grown("in", "freezeCount"),
    path: now.path,
  };
}
