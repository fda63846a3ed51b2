// @ts-check
/** The dialog in which pages of a PDF file are chosen. */
import { MOST_PAGES, openPdf } from "./documents.js";
import { $, element } from "./page.js";

const AT_ONCE = 12;
const MOST_CHOSEN = 10;
const SMALL_EDGE = 220;

/** @typedef {Awaited<ReturnType<typeof openPdf>>} PdfPages */

/**
 * Let a person choose pages of a file, and make pictures of them.
 * @param {File} file
 * @param {(pictures: {blob: Blob, name: string}[]) => Promise<void>} show
 * @param {(words: string) => void} say
 */
export async function choosePages(file, show, say) {
  say(`Opening ${file.name} ...`);
  const pages = await openPdf(file, document.body.dataset.pdf ?? "");
  say("");
  const name = file.name.replace(/\.pdf$/i, "").slice(0, 80) || "Document";
  try {
    const chosen = pages.count === 1 ? [1] : await ask(pages, name);
    /** @type {{blob: Blob, name: string}[]} */
    const pictures = [];
    for (const number of chosen) {
      say(`Page ${number} of ${name} becomes a picture ...`);
      pictures.push({ blob: await pages.whole(number), name: `${name}, page ${number}` });
    }
    say("");
    if (pictures.length) await show(pictures);
  } finally {
    pages.close();
  }
}

/** @param {PdfPages} pages @param {string} name @returns {Promise<number[]>} in order; none where it was closed */
function ask(pages, name) {
  const [dialog, list, more, go] = [$("pages"), $("pages-list"), $("pages-more"), $("pages-show")];
  const closed = new AbortController();
  const { signal } = closed;
  let shown = 0;
  const chosen = () => [...list.querySelectorAll("input:checked")].map((/** @type {any} */ one) => Number(one.value));
  const tell = () => {
    const count = chosen().length;
    go.disabled = count === 0 || count > MOST_CHOSEN;
    const too = count > MOST_CHOSEN ? ` At most ${MOST_CHOSEN} at a time.` : "";
    $("pages-say").textContent = `${count} of ${pages.count} pages chosen.${too}`;
  };
  const fill = async () => {
    const numbers = Array.from({ length: Math.min(AT_ONCE, pages.count - shown) }, (_, at) => shown + at + 1);
    shown += numbers.length;
    more.hidden = shown >= pages.count;
    const rows = numbers.map(row);
    list.append(...rows);
    for (const [at, number] of numbers.entries()) {
      if (signal.aborted) return;
      await picture(pages, number, rows[at]);
    }
  };
  $("pages-title").textContent = `Pages of ${name}`;
  list.replaceChildren();
  return new Promise((resolve) => {
    list.addEventListener("change", tell, { signal });
    more.addEventListener("click", () => fill(), { signal });
    go.addEventListener("click", () => dialog.close("show"), { signal });
    dialog.addEventListener(
      "close",
      () => {
        closed.abort();
        resolve(dialog.returnValue === "show" ? chosen() : []);
        dialog.returnValue = "";
        for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
        list.replaceChildren();
      },
      { signal },
    );
    dialog.returnValue = "";
    dialog.showModal();
    tell();
    fill();
    list.querySelector("input")?.focus();
  });
}

/** @param {number} number at most MOST_PAGES */
function row(number) {
  const input = element("input", { type: "checkbox", value: String(Math.min(number, MOST_PAGES)) });
  return element("li", {}, element("label", {}, input, element("span", { class: "paper" }), element("span", {}, `Page ${number}`)));
}

/** @param {PdfPages} pages @param {number} number @param {HTMLElement} row */
async function picture(pages, number, row) {
  const paper = row.querySelector(".paper");
  try {
    const blob = await pages.small(number, SMALL_EDGE);
    paper?.append(element("img", { src: URL.createObjectURL(blob), alt: "" }));
  } catch (error) {
    paper?.append(error instanceof Error ? error.message : "Not shown");
  }
}
