// @ts-check
/** The panels beside the picture, filled from a desk and acting on it. A page has those that it has elements for. */
import { Chat, showMarks, showPictures, showSeats, watchAbout } from "./beside.js";
import { $, element, sayError } from "./page.js";

/** @typedef {import("./desk.js").Desk} Desk */

/** @param {Desk} desk */
export function join(desk) {
  joinPictures(desk);
  joinSeats(desk);
  joinChat(desk);
  if ($("about")) joinAbout(desk);
}

/** @param {Desk} desk */
function joinPictures(desk) {
  const { album, stage, log, names } = desk;
  desk.on("change", () => {
    showPictures($("pictures"), album.all, stage.base, (base) => log.marks(base).length);
    showMarks($("mark-list"), stage, names, log.author);
  });
  $("pictures").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const { picture } = data(event, "[data-picture]");
    if (!picture) return;
    album.lookAt(picture);
    $("stage").focus(); // where its keys are
  });
  $("mark-list").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const { choose, remove } = data(event, "[data-choose], [data-remove]");
    if (remove) stage.remove(remove);
    if (!choose) return;
    stage.use("select");
    stage.choose(choose);
    $("stage").focus();
  });
}

/** What stands at the element that was clicked. @param {MouseEvent} event @param {string} selector @returns {DOMStringMap} */
function data(event, selector) {
  const found = /** @type {HTMLElement} */ (event.target).closest(selector);
  return found instanceof HTMLElement ? found.dataset : {};
}

/** @param {Desk} desk */
function joinSeats({ call }) {
  const show = () => showSeats($("seats"), call.view, (party) => call.code(party));
  call.on("view", show);
  call.on("code", show);
}

/** @param {Desk} desk */
function joinChat({ call, names, album }) {
  const chat = new Chat($("chat"), names);
  call.socket.on("chat", (message) => message.call === call.id && chat.add(message, call.me));
  call.on("view", (view) => ($("chat-form").hidden = !view.switches.chat));
  album.on("file", ({ party, header, blob }) => {
    // A document is a link: the person decides.
    const link = element("a", { href: URL.createObjectURL(blob), download: header.name }, header.name);
    chat.note(`${names.get(party) ?? "Somebody"} sent`, link);
  });
  $("chat-form").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const text = $("chat-text").value.trim();
    if (!text) return;
    // Gone at once, so that it is not sent twice and what is written meanwhile stays.
    $("chat-text").value = "";
    try {
      await call.socket.request("chat.send", { call: call.id, text });
    } catch (error) {
      sayError(error);
      $("chat-text").value = [text, $("chat-text").value].filter(Boolean).join("\n");
    }
  });
  $("chat-text").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $("chat-form").requestSubmit();
  });
}

/** @param {Desk} desk */
function joinAbout({ call }) {
  const show = watchAbout(
    $("about"),
    (fields) => call.socket.request("call.about", { call: call.id, ...fields }),
    (words) => ($("about-said").textContent = words),
  );
  call.on("view", show);
}
