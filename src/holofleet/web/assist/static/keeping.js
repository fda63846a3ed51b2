// @ts-check
/** The buttons by which an expert takes something away from a call. */
import { asData, fillSheet, flattened, save } from "./keep.js";
import { $, say, sayError } from "./page.js";

/** @typedef {import("./desk.js").Desk} Desk */

/** @param {Desk} desk */
export function join(desk) {
  /** @type {Record<string, () => unknown>} */
  const ways = { png: () => keepPicture(desk), json: () => keepMarks(desk), sheet: () => printSheet(desk) };
  const keep = async (/** @type {string} */ kind) => {
    try {
      await ways[kind]();
    } catch (error) {
      sayError(error);
    }
  };
  $("snapshot").addEventListener("click", () => keep("png"));
  for (const button of document.querySelectorAll("[data-keep]")) {
    if (!(button instanceof HTMLElement)) continue;
    button.addEventListener("click", () => {
      button.closest("details")?.removeAttribute("open");
      keep(button.dataset.keep ?? "");
    });
  }
  desk.on("view", ({ switches }) => {
    for (const one of document.querySelectorAll("#snapshot, [data-keep]")) /** @type {any} */ (one).hidden = !switches.snapshots;
  });
}

/** @param {Desk} desk @param {string} name @param {string} ending */
function named({ socket }, name, ending) {
  return `${name}-${new Date(socket.now()).toISOString().slice(0, 16).replace(/[:T]/g, "-")}.${ending}`;
}

/** @param {Desk} desk */
async function keepPicture(desk) {
  const { stage, names } = desk;
  save(await flattened(stage.source, stage.marks, { ...stage.size, names }), named(desk, "picture", "png"));
  say("The picture is saved with its marks.");
}

/** @param {Desk} desk */
function keepMarks(desk) {
  save(asData(desk.log, desk.call.view, desk.album.all), named(desk, "marks", "json"));
}

/** @param {Desk} desk */
async function printSheet({ call, socket, log, names, album, headset }) {
  const { asset, work_order: order } = call.view;
  const when = new Date(socket.now()).toLocaleString("en-GB");
  const about = [asset && `Asset ${asset}`, order && `Work order ${order}`, when].filter(Boolean).join(" · ");
  const title = `Steps from the call with ${headset?.name ?? "a headset"}`;
  if (await fillSheet($("print"), { title, about, log, names, pictures: album.all })) window.print();
  else say("No picture has marks yet.");
}
