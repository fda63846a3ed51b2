// @ts-check
/** Ways by which a picture of the expert's own comes onto the stage: chosen, dropped, pasted. */
import { $, sayError } from "./page.js";

/** @param {import("./desk.js").Desk} desk */
export function join({ album }) {
  const insert = (/** @type {File} */ file, name = file.name) => album.insert(file, name).catch(sayError);
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
