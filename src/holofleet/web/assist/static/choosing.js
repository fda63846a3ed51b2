// @ts-check
/** The dialog in which another expert is chosen, to come into a call or to take it over. */
import { element } from "./page.js";

const FIND_MS = 250;
const PRESENCE = { ready: "Available", busy: "In a call", away: "Away" };

export class Chooser {
  #dialog;
  #list;
  #find;
  #say;
  #title;
  #ask;
  /** @type {(key: string) => Promise<void>} */
  #chosen = async () => {};
  #turn = 0;
  #timer = 0;
  /** What is being asked of somebody; a dialog that was opened anew does not wait for it. @type {object | null} */
  #asking = null;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {(query: string) => Promise<any>} ask answers with `experts`
   */
  constructor(dialog, ask) {
    const find = (/** @type {string} */ id) => /** @type {any} */ (dialog.querySelector(id));
    this.#dialog = dialog;
    this.#ask = ask;
    this.#list = /** @type {HTMLElement} */ (find("#chooser-list"));
    this.#find = /** @type {HTMLInputElement} */ (find("#chooser-find"));
    this.#say = /** @type {HTMLElement} */ (find("#chooser-say"));
    this.#title = /** @type {HTMLElement} */ (find("#chooser-title"));
    this.#find.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#fill(), FIND_MS);
    });
    this.#find.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const key = /** @type {Element} */ (event.target).closest("[data-key]")?.getAttribute("data-key");
      if (key) this.#take(key);
    });
  }

  /** @param {string} title @param {(key: string) => Promise<void>} chosen */
  open(title, chosen) {
    this.#chosen = chosen;
    this.#asking = null;
    this.#title.textContent = title;
    this.#find.value = "";
    this.#list.replaceChildren();
    this.#dialog.showModal();
    this.#fill();
  }

  async #fill() {
    const turn = ++this.#turn;
    this.#say.textContent = "Looking ...";
    try {
      const answer = await this.#ask(this.#find.value.trim());
      if (turn !== this.#turn) return;
      this.#list.replaceChildren(...answer.entries.map(row));
      this.#say.textContent = answer.entries.length ? "" : "Nobody who may join this call is found.";
    } catch (error) {
      if (turn === this.#turn) this.#say.textContent = error instanceof Error ? error.message : "Not possible now.";
    }
  }

  /** @param {string} key */
  async #take(key) {
    if (this.#asking) return; // somebody is asked already
    const asking = (this.#asking = {});
    this.#turn += 1;
    this.#say.textContent = "Asking ...";
    try {
      await this.#chosen(key);
      if (this.#asking === asking) this.#dialog.close();
    } catch (error) {
      if (this.#asking === asking) this.#say.textContent = error instanceof Error ? error.message : "Not possible now.";
    } finally {
      if (this.#asking === asking) this.#asking = null;
    }
  }
}

/** @param {any} entry */
function row(entry) {
  const presence = PRESENCE[/** @type {keyof typeof PRESENCE} */ (entry.presence)] ?? "";
  const words = [entry.about, presence].filter(Boolean).join(" · ");
  const button = element("button", { type: "button", "data-key": entry.key, "data-presence": entry.presence });
  button.append(element("b", {}, entry.name), element("small", {}, words));
  return element("li", {}, button);
}
