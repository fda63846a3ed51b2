// The console's own script: ages of times, keys, what a live page keeps. Pages work without it.

const HOUR = 3_600_000;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const whole = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "medium" });

function dayOf(moment, now) {
  const start = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.round((start - new Date(moment.getFullYear(), moment.getMonth(), moment.getDate())) / (24 * HOUR));
  if (days === 0) return "today";
  if (days === 1) return "yesterday";
  return (moment.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(moment);
}

function written(moment, form, now) {
  if (form === "clock") return clock.format(moment);
  if (form === "day") return dayOf(moment, now);
  if (form === "at") return `${dayOf(moment, now)} ${clock.format(moment)}`;
  if (form === "exact") return localText(moment).replace("T", " ") + (moment.getTimezoneOffset() ? "" : " UTC");
  if (form === "since") {
    const day = dayOf(moment, now);
    if (day === "today") return clock.format(moment);
    return day === "yesterday" ? `${day} ${clock.format(moment)}` : day;
  }
  const passed = now - moment;
  if (passed >= 0 && passed < 60_000) return "just now";
  if (passed >= 0 && passed < HOUR) return `${Math.floor(passed / 60_000)} min ago`;
  const day = dayOf(moment, now);
  return day === "today" || day === "yesterday" ? `${day} ${clock.format(moment)}` : day;
}

function writeTimes(root = document) {
  const now = new Date();
  for (const element of root.querySelectorAll("time[data-form]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const text = written(moment, element.dataset.form, now);
    if (element.textContent !== text) element.textContent = text;
    element.title = whole.format(moment);
  }
}

// What was chosen in a list stays chosen when its row is made again.
const rowBoxes = () => document.querySelectorAll('input[type="checkbox"][form="bulk"]');
const chosen = new Set();
const noteChosen = (box) => (box.checked ? chosen.add(box.value) : chosen.delete(box.value));
for (const box of rowBoxes()) noteChosen(box);
document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.getAttribute("form") === "bulk") noteChosen(event.target);
});

// A message of the stream (live.js) was swapped in.
const live = document.getElementById("live");
if (live) {
  document.addEventListener("htmx:after:swap", () => {
    writeTimes();
    countMoved();
    for (const box of rowBoxes()) box.checked = chosen.has(box.value);
  });
  // A field that is being written in, or an open part, keeps what it has: the next message brings the rest.
  live.addEventListener("htmx:sse:before:message", (event) => {
    const at = document.activeElement;
    if (at instanceof HTMLElement && at.closest("#settings, #strip") && at.matches("input, textarea")) {
      event.preventDefault();
    }
  });
}

// Rows that would come or go are counted, not moved under the pointer.
function countMoved() {
  const changed = document.getElementById("changed");
  if (!changed || changed.dataset.serials === undefined) return;
  const wanted = new Set(changed.dataset.serials.split(",").filter(Boolean));
  const shown = new Set([...document.querySelectorAll("tr[id^='h-']")].map((row) => row.id.slice(2)));
  let moved = 0;
  for (const serial of wanted) if (!shown.has(serial)) moved += 1;
  for (const serial of shown) if (!wanted.has(serial)) moved += 1;
  changed.replaceChildren();
  if (moved) {
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = `${moved} changed: refresh`;
    changed.append(link);
  }
}

// Keys: / search, g then o or h go, j k rows, f filter, Esc leaves a field. None of them changes anything.
let going = 0;
const KEYS_OFF = "holofleet-keys-off";
const keys = document.getElementById("keys");

function keysAreOff() {
  try {
    return localStorage.getItem(KEYS_OFF) === "1";
  } catch {
    return false; // storage may be forbidden: keys stay on
  }
}

function showKeys() {
  keys.setAttribute("aria-pressed", String(!keysAreOff()));
  keys.textContent = keysAreOff() ? "Single keys are off" : "Single keys are on";
}

if (keys) {
  keys.parentElement.hidden = false;
  showKeys();
  keys.addEventListener("click", () => {
    try {
      localStorage.setItem(KEYS_OFF, keysAreOff() ? "0" : "1");
    } catch {
      return;
    }
    showKeys();
  });
}

function move(step) {
  const links = [...document.querySelectorAll("table.rows tbody td:first-child a, table.settings a.name")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + step))].focus();
}

// Chooses the row that has the focus, as a click on its box does: nothing is ordered by it.
function choose(at) {
  at.closest?.("tr")?.querySelector('input[type="checkbox"][form="bulk"]')?.click();
}

function showKeysHelp(event) {
  const menu = keys?.closest("details");
  if (!menu) return;
  event.preventDefault();
  menu.open = true;
  keys.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = document.activeElement;
  if (at instanceof HTMLElement && at.matches("input, textarea, select")) {
    if (event.key === "Escape") at.blur();
    return;
  }
  if (keysAreOff()) return;
  if (going && Date.now() - going < 1500) {
    going = 0;
    const path = { o: "/", h: "/headsets", c: "/custody", l: "/loans", s: "/guide", p: "/plans" }[event.key];
    if (path) location.assign(path);
    return;
  }
  going = 0;
  const find = { "/": "search", f: "filter" }[event.key];
  if (find) {
    const field = document.getElementById(find) ?? document.getElementById("search");
    if (field && field.offsetParent) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  } else if (event.key === "g") going = Date.now();
  else if (event.key === "x") choose(at);
  else if (event.key === "?") showKeysHelp(event);
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "Escape") for (const menu of document.querySelectorAll("details.account[open], details.columns[open]")) menu.open = false;
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.account[open], details.columns[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Moments are asked for in the viewer's zone and sent in UTC, so that an address says the same to everybody. Without
// script a field is in UTC, as its label says.
function localText(moment) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

for (const field of document.querySelectorAll('input[type="datetime-local"]')) {
  const words = document.createTreeWalker(document.querySelector(`label[for="${field.id}"]`), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) words.currentNode.data = words.currentNode.data.replace("UTC", "your time");
  // What a browser put back into the field is in the viewer's zone already.
  if (field.defaultValue && field.value === field.defaultValue) field.value = localText(new Date(`${field.value}Z`));
  field.form?.addEventListener("formdata", (event) => {
    if (field.value) event.formData.set(field.name, new Date(field.value).toISOString().slice(0, 16));
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

document.getElementById("problems")?.focus();
writeTimes();
setInterval(writeTimes, 20_000);
