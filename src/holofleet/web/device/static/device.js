// @ts-check
/** What script adds to pages on the headset: the keys of a PIN, and times in the zone of the headset. */

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
