// @ts-check
/** Ways by which a picture or pages of the expert's own come onto the stage: chosen, dropped, pasted. */
import { isPdf } from "./documents.js";
import { $, say, sayError } from "./page.js";
import { choosePages } from "./pages.js";

/** @param {import("./desk.js").Desk} desk */
export function join({ album }) {
  let before = Promise.resolve();
  /** One after the other: each may ask for its pages. @param {File} file */
  const insert = (file, name = file.name) => (before = before.then(() => show(file, name)));
  const show = async (/** @type {File} */ file, /** @type {string} */ name) => {
    try {
      if (await isPdf(file)) await choosePages(file, (pictures) => album.insert(pictures), say);
      else await album.insert([{ blob: file, name }]);
      $("stage").focus(); // where its keys are
    } catch (error) {
      sayError(error);
    }
  };
  $("insert").addEventListener("click", () => $("insert-file").click());
  $("insert-file").addEventListener("change", () => {
    const file = $("insert-file").files[0];
    $("insert-file").value = "";
    if (file) insert(file);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    $("stage").addEventListener(name, (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      $("stage").classList.toggle("dropping", name === "dragover");
      const file = name === "drop" ? event.dataTransfer?.files[0] : null;
      if (file) insert(file);
    });
  }
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (file && !$("desk").hidden) insert(file, "Pasted picture");
  });
}
