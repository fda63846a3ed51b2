// @ts-check
/** Why a picture is no better, in a few words: the first that holds, as measured in the page that shows it. */

/** Steps of quality.js from which a headset sends less than the camera gives. */
const STILLS_STEP = 7;
const SOUND_STEP = 8;

/**
 * @param {string} grade
 * @param {Record<string, any>} sample what was measured in the last second
 * @param {number} step how far down the headset has gone by itself; 0: it sends all
 * @param {string} why the headset says that it has
 */
export function reasonOf(grade, { loss = 0, rtt_ms = 0, jitter_ms = 0 }, step = 0, why = "") {
  if (grade === "none") return "trying again";
  if (step > 0 && why === "heat") return step >= SOUND_STEP ? "the headset is too warm for a picture" : "the headset is warm";
  if (step > 0 && why === "hand") return "the wearer saves the network";
  if (grade === "optimal") return "";
  if (loss > 0.01) return `${Math.max(1, Math.round(loss * 100))} % of the packets are lost`;
  if (rtt_ms > 150) return `an answer takes ${Math.round(rtt_ms)} ms`;
  if (jitter_ms > 30) return `the delay changes by ${Math.round(jitter_ms)} ms`;
  if (step >= SOUND_STEP) return "the headset's network carries sound only";
  if (step >= STILLS_STEP) return "the headset's network carries single pictures";
  if (step > 0) return "the headset's network carries no more";
  return "";
}
