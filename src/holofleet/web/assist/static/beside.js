// @ts-check
/** What stands beside the picture: pictures and marks, who is in the call, chat, and what the call is about. */
import { inWords } from "./marks_view.js";
import { element, renew, write } from "./page.js";

const ABOUT_MS = 700;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** @typedef {import("./call.js").View} View */

/** Who a party is, in a few words. @param {any} party */
export function nameOf(party) {
  return party.kind === "headset" ? party.holder?.name || party.name : party.name;
}

/** How it is known who has a headset. @param {any} party */
export function holderOf(party) {
  const { name, method } = party.holder ?? {};
  if (!name) return "nobody has it on record";
  return method ? `${name} (${method})` : name;
}

const STATES = {
  ringing: "Ringing",
  joining: "Connecting",
  joined: "",
  reconnecting: "Connection lost, coming back",
  left: "Left",
};

/**
 * The list of who is in the call.
 * @param {HTMLElement} list
 * @param {View} view
 * @param {(party: string) => string} codeOf
 */
export function showSeats(list, view, codeOf) {
  const seats = view.parties.filter((/** @type {any} */ party) => party.state !== "left");
  renew(list, seats, (/** @type {any} */ party) => party.id, (party, known) => {
    const me = party.id === view.me;
    const what = [
      party.kind === "headset" ? `Headset ${party.name}` : party.kind === "guest" ? (party.label ?? "") : me ? "You" : "Expert",
      STATES[/** @type {keyof typeof STATES} */ (party.state)],
      party.state === "joined" ? `microphone ${party.microphone ? "on" : "off"}` : "",
      party.state === "joined" && party.camera ? "camera on" : "",
      !me && codeOf(party.id) ? `code ${spaced(codeOf(party.id))}` : "",
    ];
    const row = known ?? element("li", { "data-party": party.id }, element("b"), element("small"));
    write(row.children[0], nameOf(party));
    write(row.children[1], what.filter(Boolean).join(" · "));
    return row;
  });
}

/** Six digits as they are read out. @param {string} code */
export function spaced(code) {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

/**
 * @param {HTMLElement} list
 * @param {import("./stage.js").Stage} stage
 * @param {Map<string, string>} names
 * @param {string} me
 */
export function showMarks(list, stage, names, me) {
  renew(list, stage.marks, (mark) => mark.id, (mark, known) => {
    const mine = mark.author === me;
    const words = inWords(mark, mine ? undefined : names);
    const row = known ?? markRow(mark.id, mine);
    row.className = `dot-${mark.colour}`;
    const [choose, take] = row.children;
    write(choose, words);
    choose.setAttribute("aria-pressed", String(stage.chosen === mark.id));
    take?.setAttribute("aria-label", `Remove ${words}`);
    return row;
  });
}

/** @param {string} id @param {boolean} mine */
function markRow(id, mine) {
  const row = element("li", {}, element("button", { type: "button", class: "link", "data-choose": id }));
  if (mine) row.append(element("button", { type: "button", class: "link take", "data-remove": id }, "Remove"));
  return row;
}

/**
 * @param {HTMLElement} list
 * @param {Iterable<import("./album.js").Kept>} pictures
 * @param {string} base what is shown
 * @param {(base: string) => number} count how many marks a picture has
 */
export function showPictures(list, pictures, base, count) {
  const all = [...pictures];
  renew(list, all, (picture) => picture.id, (picture, known) => {
    const row = known ?? pictureRow(picture.id);
    const [image, words] = /** @type {HTMLElement} */ (row.firstElementChild).children;
    if (image.getAttribute("src") !== picture.small) image.setAttribute("src", picture.small);
    const marks = count(picture.id);
    write(words, `${picture.name}${marks ? `, ${marks} ${marks === 1 ? "mark" : "marks"}` : ""}`);
    row.firstElementChild?.setAttribute("aria-pressed", String(picture.id === base));
    return row;
  });
  if (!all.length) list.append(element("li", { class: "muted small" }, "Freeze the picture (F) to mark it. Pictures stay here."));
}

/** @param {string} id */
function pictureRow(id) {
  const button = element("button", { type: "button", "data-picture": id }, element("img", { alt: "" }), element("span"));
  return element("li", {}, button);
}

const MOST_LINES = 500;
/** So near to the end somebody reads along. */
const NEAR_PX = 40;

/** The chat of a call: the newest lines; who has gone back in it stays there. */
export class Chat {
  #list;
  #names;

  /** @param {HTMLElement} list @param {Map<string, string>} names */
  constructor(list, names) {
    this.#list = list;
    this.#names = names;
  }

  /** @param {{from: string, text: string, t: number}} message @param {string} me */
  add({ from, text, t }, me) {
    const who = from === me ? "You" : (this.#names.get(from) ?? "Somebody who left");
    const head = element("p", { class: "from" }, who, " ", element("time", {}, clock.format(t)));
    this.#append(element("li", from === me ? { class: "mine" } : {}, head, element("p", {}, text)), from === me);
  }

  /** Something that is no message: words, and what they are about. @param {string} words @param {Node} what */
  note(words, what) {
    this.#append(element("li", {}, element("p", { class: "from" }, words), element("p", {}, what)));
  }

  /** @param {HTMLElement} line @param {boolean} [mine] */
  #append(line, mine = false) {
    const list = this.#list;
    const near = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
    list.append(line);
    while (list.childElementCount > MOST_LINES) list.firstElementChild?.remove();
    if (near || mine) list.scrollTop = list.scrollHeight;
  }
}

/**
 * The fields of what a call is about; kept as they are written, by whoever is in the call.
 * @param {HTMLFormElement} form
 * @param {(fields: {asset: string, work_order: string, note: string}) => Promise<unknown>} keep
 * @param {(words: string) => void} say
 */
export function watchAbout(form, keep, say) {
  const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (form.querySelector(`#${id}`));
  const [asset, order, note] = [field("asset"), field("work-order"), field("note")];
  let timer = 0;
  const send = async () => {
    timer = 0;
    const fields = { asset: asset.value.trim(), work_order: order.value.trim(), note: note.value };
    try {
      await keep(fields);
      say("Kept");
    } catch (error) {
      say(error instanceof Error ? error.message : "Not kept");
    }
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    say("");
    clearTimeout(timer);
    timer = window.setTimeout(send, ABOUT_MS);
  });
  /** What the server says, except in a field that is being written in. @param {View} view */
  return (view) => {
    const told = [
      [asset, view.asset],
      [order, view.work_order],
      [note, view.note],
    ];
    if (timer) return;
    for (const [input, value] of told) if (input !== document.activeElement) input.value = value ?? "";
  };
}
