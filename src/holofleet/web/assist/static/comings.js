// @ts-check
/** What becomes of whom a call has asked in or is handed over to, in words, for every page of the call. */

/** Why somebody who was asked did not come. @type {Record<string, string>} */
const NOT_COME = {
  declined: "cannot talk now",
  busy: "is busy",
  "not-now": "cannot talk now",
  missed: "did not answer",
  "no-connection": "could not be connected",
  "not-allowed": "may not join this call",
};
const HERE = new Set(["joining", "joined", "reconnecting"]);

/** @typedef {import("./call.js").View} View */

/**
 * What is new between two views of a call, as sentences; what the own page asked for it has said itself.
 * @param {View | null} before
 * @param {View} view
 * @param {(party: any) => string} [nameOf]
 * @returns {string[]}
 */
export function comings(before, view, nameOf = (party) => party.name) {
  if (!before || view.state === "ended") return [];
  const of = (/** @type {string} */ id) => view.parties.find((/** @type {any} */ one) => one.id === id);
  const named = (/** @type {string} */ id) => (of(id) ? nameOf(of(id)) : "Somebody");
  /** @type {string[]} */
  const said = [];
  for (const party of view.parties) {
    if (party.id === view.me) continue;
    const former = before.parties.find((/** @type {any} */ one) => one.id === party.id)?.state ?? "";
    const { replaces, asked_by: by, state } = party;
    const mine = replaces === view.me;
    if (!former && state === "ringing" && replaces && by !== view.me) {
      const leaves = mine ? "You leave when they are connected." : `${named(replaces)} leaves when they are connected.`;
      said.push(`${named(by)} hands the call over to ${nameOf(party)}. ${leaves}`);
    } else if (former && former !== "joined" && state === "joined" && replaces && !mine) {
      said.push(`${nameOf(party)} has taken over from ${named(replaces)}.`);
    } else if (state === "left" && former && former !== "left" && party.why in NOT_COME) {
      const stays = replaces && HERE.has(of(replaces)?.state) ? (mine ? " You stay." : ` ${named(replaces)} stays.`) : "";
      said.push(`${nameOf(party)} ${NOT_COME[party.why]}.${stays}`);
    } else if (state === "left" && HERE.has(former) && party.why !== "handed-over") {
      said.push(`${nameOf(party)} has left the call.`);
    }
  }
  return said;
}
