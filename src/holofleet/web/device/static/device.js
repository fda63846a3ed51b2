// @ts-check
/** What script adds to pages on the headset: the keys of a PIN, times in its zone, and going on by itself. */

for (const element of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(element.getAttribute("datetime") || "");
  if (!Number.isNaN(moment.getTime())) {
    element.textContent = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
}

const pad = document.querySelector("[data-pad]");
const typed = document.querySelector("input[name=pin]");
if (pad instanceof HTMLElement && typed instanceof HTMLInputElement) {
  pad.hidden = false;
  typed.readOnly = true; // the keys do it; the keyboard of the headset stays away
  pad.addEventListener("click", (event) => {
    const key = event.target instanceof Element ? event.target.closest("button[data-key]") : null;
    if (!(key instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const digit = key.dataset.key || "";
    if (digit === "none") typed.value = "";
    else typed.value = digit === "back" ? typed.value.slice(0, -1) : (typed.value + digit).slice(0, 12);
    const said = document.querySelector("[data-typed]");
    if (said) said.textContent = `${typed.value.length} digits`;
  });
}

// Tapped twice it is sent once: the second answer would be about a state that the first has changed.
for (const form of document.querySelectorAll("form:not([data-take])")) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) event.preventDefault();
    form.setAttribute("aria-busy", "true");
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form:not([data-take])")) form.removeAttribute("aria-busy"); // gone back to
});

// A page goes on as soon as the headset stands elsewhere than it says: somebody at the desk did something. It is not
// loaded again and again under whoever reads it; without script the browser does that.
const { watch, state, every } = document.body.dataset;

/** @param {string} address */
async function stateAt(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return answer.ok ? page.body.dataset.state : undefined;
}

if (watch) {
  setInterval(async () => {
    const now = await stateAt(watch).catch(() => undefined);
    if (now !== undefined && now !== state) location.assign(watch);
  }, 1000 * Number(every));
}
