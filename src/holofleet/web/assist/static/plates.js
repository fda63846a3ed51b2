// @ts-check
/** What the page of a call shows as a whole: that it rings, the desk, or that it is over. */
import { nameOf } from "./beside.js";
import { $, banner } from "./page.js";

/** @type {Record<string, string>} */
const REASONS = {
  "hung-up": "The call is over",
  declined: "The call was declined",
  busy: "The call was declined: busy",
  "not-now": "The call was declined for now",
  missed: "Nobody answered in time",
  cancelled: "The caller hung up before it was answered",
  "no-connection": "No connection could be made",
  lost: "The connection was lost and did not come back",
  nobody: "Nobody of the rota answered",
  "not-allowed": "The rules of the fleet do not allow this call any more",
};

/** Why somebody who was asked into a call is not in it. */
const NOT_IN = new Set(["declined", "busy", "not-now", "missed", "no-connection", "not-allowed"]);

export let shown = "";

/** @param {"ringing" | "desk" | "over"} what @returns {boolean} whether it is another than before */
export function showPlate(what) {
  if (shown === what) return false;
  shown = what;
  for (const one of ["ringing", "desk", "over"]) if ($(one)) $(one).hidden = one !== what;
  document.body.dataset.state = what;
  for (const one of ["acts", "recording"]) if ($(one)) $(one).hidden = what !== "desk";
  return true;
}

/** @param {any} view */
export function showRinging(view) {
  const caller = view.parties.find((/** @type {any} */ one) => one.kind === "headset") ?? view.parties[0];
  $("title").textContent = "Incoming call";
  document.title = `(1) ${nameOf(caller)} is calling · holofleet`;
  const mine = view.parties.find((/** @type {any} */ one) => one.id === view.me);
  const by = view.parties.find((/** @type {any} */ one) => one.id === mine?.asked_by);
  $("ring-title").textContent = by ? `${nameOf(by)} hands a call over to you` : `${nameOf(caller)} is calling`;
  const about = [caller.label, view.asset && `Asset ${view.asset}`, view.work_order && `Work order ${view.work_order}`];
  $("ring-about").textContent = about.filter(Boolean).join(" · ");
  showPlate("ringing");
}

/** The person has ended it; what the server says of it comes. @param {"end" | "leave"} how */
export function showEnding(how) {
  $("over-title").textContent = how === "end" ? "Ending the call ..." : "Leaving the call ...";
  $("over-why").textContent = "Nothing more is sent from here.";
  showPlate("over");
}

/** The call is over, or goes on without this page. @param {any} view null: there is none */
export function showOver(view) {
  const reason = view?.ended?.reason ?? (view ? "hung-up" : "");
  const left = view && view.state !== "ended";
  const mine = view?.parties.find((/** @type {any} */ one) => one.id === view.me);
  const taker = mine?.why === "handed-over" ? view.parties.find((/** @type {any} */ one) => one.replaces === mine.id && one.state !== "left") : null;
  const declined = left && NOT_IN.has(mine?.why);
  const [title, why] = !view
    ? ["There is no such call now", "It is over, or it is not yours."]
    : taker
      ? ["You left the call", `${nameOf(taker)} has taken over.`]
      : left
        ? [declined ? "You are not in this call" : "You left the call", "The others go on without you."]
        : ["Call ended", `${REASONS[reason] ?? "The call is over"}.`];
  $("over-title").textContent = title;
  $("over-why").textContent = why;
  $("title").textContent = "Call";
  $("who").textContent = "";
  document.title = "Call ended · holofleet";
  for (const one of ["time", "quality", "code"]) if ($(one)) $(one).hidden = true;
  banner("");
  showPlate("over");
  $("over-title").focus();
}
