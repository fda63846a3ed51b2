// @ts-check
/** Calls a headset back from the list of messages left. The call itself has its own page. */
import { AssistSocket } from "./socket.js";

const said = /** @type {HTMLElement} */ (document.getElementById("call-problem"));
/** @type {HTMLButtonElement[]} */
const keys = [...document.querySelectorAll("[data-call-back]")].map((one) => /** @type {HTMLButtonElement} */ (one));

for (const key of keys) {
  key.hidden = false; // without script there is nothing that could call
  key.addEventListener("click", () => callBack(key));
}

/** @param {HTMLButtonElement} key */
async function callBack(key) {
  const socket = new AssistSocket("expert");
  for (const one of keys) one.disabled = true;
  key.textContent = "Calling ...";
  said.hidden = true;
  try {
    socket.open();
    const answer = await socket.request("call.invite", { to: key.dataset.callBack });
    // Whoever calls back sees to the message; that it could not be kept is no reason not to talk.
    if (key.form) await fetch(key.form.action, { method: "POST", body: taken(key.form), redirect: "manual" }).catch(() => {});
    location.assign(`/calls/${encodeURIComponent(answer.call.id)}/live`);
  } catch (error) {
    said.textContent = `The headset cannot be called: ${error instanceof Error ? error.message : "the server does not answer."}`;
    said.hidden = false;
    key.textContent = "Call back";
    for (const one of keys) one.disabled = false;
    socket.close();
  }
}

/** @param {HTMLFormElement} form */
function taken(form) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) fields.set(name, String(value));
  fields.set("act", "take");
  return fields;
}
