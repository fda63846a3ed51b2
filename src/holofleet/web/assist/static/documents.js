// @ts-check
/**
 * Pages of a PDF file as pictures. The file is read and drawn by pdf.js in workers that reach nothing and evaluate
 * nothing; this page gets finished pictures. A file that takes too long, or is none, is given up with words.
 */

export const MOST_BYTES = 50 * 1024 * 1024;
export const MOST_PAGES = 500;
const OPEN_MS = 20_000;
const PAGE_MS = 30_000;
/** The longer side of a page as it is shown to everybody: small print stays readable. */
const PAGE_EDGE = 2_600;
const MOST_PIXELS = 50_000_000;
/** Above this a page goes as JPEG: it is a photograph. */
const PNG_BYTES = 1_500_000;
const BEGINNING = "%PDF-";

/** @type {Promise<any> | null} */
let loading = null;

/** @param {Blob} file */
export async function isPdf(file) {
  if (file.type === "application/pdf") return true;
  return (await file.slice(0, 1024).text()).includes(BEGINNING);
}

/** @param {string} base address of the folder that pdf.js is in */
function load(base) {
  loading ??= import(`${base}pdf.min.mjs`).then((pdf) => {
    pdf.GlobalWorkerOptions.workerSrc = `${base}pdf.worker.min.mjs`;
    pdf.GlobalWorkerOptions.rendererSrc = `${base}pdf.renderer.min.mjs`;
    return pdf;
  });
  return loading;
}

/**
 * Open a file.
 * @param {Blob} file
 * @param {string} base address of the folder that pdf.js is in
 * @throws {Error} in words that can be shown
 */
export async function openPdf(file, base) {
  if (file.size > MOST_BYTES) throw new Error("This PDF is larger than 50 MB.");
  const pdf = await load(base);
  const task = pdf.getDocument({
    data: new Uint8Array(await file.arrayBuffer()),
    wasmUrl: base,
    useWasm: false,
    useSystemFonts: true,
    enableXfa: false,
    isEvalSupported: false,
    maxImageSize: MOST_PIXELS,
    canvasMaxAreaInBytes: MOST_PIXELS * 4,
    verbosity: 0,
  });
  try {
    const opened = await within(task.promise, OPEN_MS, "This PDF takes too long to open.");
    if (opened.numPages > MOST_PAGES) throw new Error(`This PDF has more than ${MOST_PAGES} pages. Save those that you need on their own.`);
    return new PdfPages(opened, task);
  } catch (error) {
    task.destroy().catch(() => {});
    throw inWords(error);
  }
}

/** Pages of an open file, counted from 1. */
class PdfPages {
  #document;
  #task;

  /** @param {any} document @param {any} task */
  constructor(document, task) {
    this.#document = document;
    this.#task = task;
  }

  /** @returns {number} */
  get count() {
    return this.#document.numPages;
  }

  /** A page as a small picture. @param {number} number @param {number} edge its longer side in pixels */
  async small(number, edge) {
    const canvas = await this.#draw(number, edge);
    return toBlob(canvas, "image/jpeg", 0.8);
  }

  /** A page as a picture that can be read. @param {number} number */
  async whole(number) {
    const canvas = await this.#draw(number, PAGE_EDGE);
    const sharp = await toBlob(canvas, "image/png");
    return sharp.size <= PNG_BYTES ? sharp : toBlob(canvas, "image/jpeg", 0.88);
  }

  close() {
    this.#task.destroy().catch(() => {});
  }

  /** @param {number} number @param {number} edge */
  async #draw(number, edge) {
    try {
      const page = await within(this.#document.getPage(number), PAGE_MS, `Page ${number} takes too long.`);
      const { width, height } = page.getViewport({ scale: 1 });
      const [short, long] = [Math.min(width, height), Math.max(width, height)];
      if (!(short > 0 && Number.isFinite(long))) throw new Error(`Page ${number} has no size.`);
      const viewport = page.getViewport({ scale: edge / long });
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(viewport.width));
      canvas.height = Math.max(1, Math.round(viewport.height));
      const drawing = page.render({ canvas, viewport, background: "#ffffff" });
      try {
        await within(drawing.promise, PAGE_MS, `Page ${number} takes too long.`);
      } catch (error) {
        drawing.cancel();
        throw error;
      }
      page.cleanup();
      return canvas;
    } catch (error) {
      throw inWords(error, number);
    }
  }
}

/** @param {HTMLCanvasElement} canvas @param {string} type @param {number} [quality] @returns {Promise<Blob>} */
function toBlob(canvas, type, quality) {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The page cannot be made a picture."))), type, quality),
  );
}

/** Words that are shown as they are. */
class SpokenError extends Error {}

/** @template T @param {Promise<T>} what @param {number} ms @param {string} words @returns {Promise<T>} */
function within(what, ms, words) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new SpokenError(words)), ms);
    what.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** @param {any} error @param {number} [page] */
function inWords(error, page) {
  if (error instanceof SpokenError || (error instanceof Error && error.constructor === Error && error.name === "Error")) return error;
  if (error?.name === "PasswordException") return new Error("This PDF asks for a password. Save it without one, then insert it.");
  if (error?.name === "InvalidPDFException") return new Error("This file is damaged, or no PDF.");
  return new Error(page ? `Page ${page} of this PDF cannot be shown.` : "This PDF cannot be read.");
}
