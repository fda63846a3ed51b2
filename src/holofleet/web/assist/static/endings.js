// @ts-check
/** What a headset says when a call is over: why, and what can be done now. */

/** @typedef {import("./asking.js").Whom} Whom */
/** @typedef {import("./screens.js").Key} Key */
/** @typedef {{name: string, whom: Whom, place: () => unknown}} Called whom the wearer had called */

/** Why a call ended, in words; `%` is the other's name. @type {Record<string, string>} */
const REASONS = {
  "hung-up": "The call has ended",
  declined: "% cannot talk now",
  busy: "% is busy. Call another?",
  "not-now": "% cannot talk now",
  missed: "% did not answer",
  cancelled: "You took the call back",
  "no-connection": "No connection came about",
  lost: "The connection was lost",
  nobody: "Nobody answered",
  "not-allowed": "This call is not allowed any more",
};

/** Ends after which a message may be left for whom was called. */
const UNANSWERED = new Set(["declined", "busy", "not-now", "missed", "no-connection", "lost", "nobody"]);

/** How a call ended that never reached the server. */
export const TAKEN_BACK = { parties: [], ended: { reason: "cancelled" } };

/**
 * @param {any} view how the call ended, as the server says it
 * @param {Called | null} called null where somebody had called the wearer
 * @param {{done: () => unknown, place: (name: string, whom: Whom) => unknown, message: (called: Called) => Key}} acts
 * @returns {{who: string, title: string, lines: [string, string][], keys: Key[]}} what is shown
 */
export function endPlate(view, called, { done, place, message }) {
  const reason = view.ended?.reason ?? "hung-up";
  const mine = view.ended?.by === view.me && reason === "hung-up";
  const other = view.parties.find((/** @type {any} */ one) => one.id !== view.me);
  const name = called?.name ?? other?.name ?? "The expert";
  /** @type {Key[]} */
  const keys = [{ words: "Done", icon: "back", act: done }];
  if (called && UNANSWERED.has(reason)) keys.unshift(message(called));
  const next = nextCall(view.ended?.offer, reason, called, place);
  if (next) keys.unshift({ icon: "call", kind: "go", ...next });
  return {
    who: name,
    title: mine ? "You ended the call" : (REASONS[reason] ?? REASONS["hung-up"]).replace("%", name),
    lines: [["norec", "Camera and microphone are off"], ["compliant", "Nothing of the call stays on this headset"]],
    keys,
  };
}

/**
 * Whom to call now: the one that was named instead, whoever is free, or the same once more.
 * @param {{name: string, key: string} | undefined} offer
 * @param {string} reason
 * @param {Called | null} called
 * @param {(name: string, whom: Whom) => unknown} place
 */
function nextCall(offer, reason, called, place) {
  if (offer) return { words: `Call ${offer.name}`, small: "Asked for you", act: () => place(offer.name, { to: offer.key }) };
  if (reason === "busy" && called?.whom.to) return { words: "Any expert", small: "First one free", act: () => place("an expert", { any: "" }) };
  return called && { words: "Call again", act: () => called.place() };
}
