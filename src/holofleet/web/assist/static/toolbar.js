// @ts-check
/** The tools below the picture: what is clicked, dropped and typed there. A page has those that it has buttons for. */
import { LIVE } from "./marks.js";
import { GivenBackError } from "./media.js";
import { $, sayError } from "./page.js";

const TOOLS = { p: "point", a: "arrow", i: "ink", c: "ellipse", b: "rectangle", n: "step", t: "text", Escape: "select" };
const BUTTONS = { f: "freeze", s: "snapshot", m: "mute", v: "camera", h: "hand-over", "+": "bigger", "-": "smaller", 0: "fit" };
const PAINTS = ["yellow", "sky", "green", "coral", "violet", "white"];

/** @typedef {import("./desk.js").Desk} Desk */

/**
 * Do something when a button is pressed, and say what keeps it from being done. Pressed again meanwhile it is not done
 * twice.
 * @param {Record<string, () => unknown>} clicks by id of the button; one that is not there is left out
 */
export function onClicks(clicks) {
  for (const [id, act] of Object.entries(clicks)) {
    let busy = false;
    $(id)?.addEventListener("click", async () => {
      if (busy) return;
      busy = true;
      try {
        await act();
      } catch (error) {
        sayError(error);
      } finally {
        busy = false;
      }
    });
  }
}

/** Mute, or not any more; a microphone that was closed to the page is asked for again. @param {import("./media.js").Media} media */
async function switchMicrophone(media) {
  if (media.microphone) return media.setMicrophone(!media.microphoneOn);
  try {
    await media.open({ camera: false });
  } catch (error) {
    if (!(error instanceof GivenBackError)) throw new Error("The microphone cannot be used. Allow it beside the address.");
  }
}

/** Let the tools act on the stage. @param {Desk} desk */
export function join(desk) {
  const { stage, album, media } = desk;
  onClicks({
    freeze: () => (stage.base === LIVE ? album.freeze() : album.lookAt(LIVE)),
    undo: () => stage.undo(),
    redo: () => stage.redo(),
    erase: () => stage.erase(),
    smaller: () => stage.zoom(1 / 1.4),
    bigger: () => stage.zoom(1.4),
    fit: () => stage.zoom(0),
    mute: () => switchMicrophone(media),
    // Not waited for: pressed again while it opens, it does not open.
    camera: () => void media.setCamera(!media.cameraWanted).catch(() => sayError(new Error("The camera does not start."))),
    thumb: () => album.lookAt(LIVE),
  });
  $("work").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const at = /** @type {HTMLElement} */ (event.target).closest("[data-tool], [data-colour]");
    if (!(at instanceof HTMLElement)) return;
    if (at.dataset.tool) stage.use(at.dataset.tool);
    if (at.dataset.colour) stage.paint(at.dataset.colour);
  });
  $("tools").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => walk(event, stage));
  $("work").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => press(event, stage));
  desk.on("change", () => show(desk));
  media.on("change", () => showOwn(media));
  show(desk);
  showOwn(media);
}

/** Arrow keys go from tool to tool. @param {KeyboardEvent} event @param {import("./stage.js").Stage} stage */
function walk(event, stage) {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const buttons = [...$("tools").querySelectorAll("button")].filter((one) => !one.disabled && one.offsetParent);
  const at = buttons.indexOf(document.activeElement);
  if (at < 0) return;
  const next = buttons[(at + (event.key === "ArrowRight" ? 1 : -1) + buttons.length) % buttons.length];
  next.focus();
  if (next.dataset.colour) stage.paint(next.dataset.colour);
  event.preventDefault();
}

/**
 * Keys act while the stage or its tools have the focus, never while something is written.
 * @param {KeyboardEvent} event @param {import("./stage.js").Stage} stage
 */
function press(event, stage) {
  const at = /** @type {HTMLElement} */ (event.target);
  if (at.matches("input, textarea") || event.isComposing) return;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (command && key === "z") event.shiftKey ? stage.redo() : stage.undo();
  else if (command && key === "y") stage.redo();
  else if (command || event.altKey) return;
  else if (key in TOOLS) {
    const tool = TOOLS[/** @type {keyof typeof TOOLS} */ (key)];
    if (!document.querySelector(`[data-tool="${tool}"]`)) return;
    stage.use(tool);
  } else if (/^[1-6]$/.test(key)) stage.paint(PAINTS[Number(key) - 1]);
  else {
    const button = $(BUTTONS[/** @type {keyof typeof BUTTONS} */ (key)] ?? "");
    if (!button || button.hidden || button.disabled) return;
    button.click();
  }
  event.preventDefault();
}

/** @param {Desk} desk */
function show({ stage, album, log, headset }) {
  for (const button of document.querySelectorAll("[data-tool]")) {
    if (button instanceof HTMLButtonElement) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === stage.tool));
    }
  }
  for (const button of document.querySelectorAll(".colour")) {
    const chosen = /** @type {HTMLElement} */ (button).dataset.colour === stage.colour;
    button.setAttribute("aria-checked", String(chosen));
    button.setAttribute("tabindex", chosen ? "0" : "-1");
  }
  const frozen = stage.base !== LIVE;
  const freeze = $("freeze");
  if (freeze) {
    freeze.setAttribute("aria-pressed", String(frozen));
    freeze.lastElementChild.textContent = frozen ? "Live" : "Freeze";
    freeze.disabled = !frozen && !headset?.camera;
    if (album.waiting.on) freeze.setAttribute("aria-busy", "true");
    else freeze.removeAttribute("aria-busy");
    freeze.dataset.share = String(album.waiting.share);
  }
  $("thumb").hidden = !frozen || !headset?.camera;
  $("undo").disabled = !log.canUndo(stage.base);
  $("redo").disabled = !log.canRedo(stage.base);
  $("erase").disabled = !stage.marks.some((mark) => mark.author === log.author);
  showWhere(album.get(stage.base), headset, stage.base === LIVE);
}

/** @param {import("./stage.js").Picture | undefined} picture @param {any} headset @param {boolean} live */
function showWhere(picture, headset, live) {
  const off = live && headset?.state === "joined" && !headset.camera;
  $("stage").classList.toggle("dark", Boolean(off));
  $("where").textContent = picture ? picture.name : off ? "The headset's camera is off" : "Live";
  $("where").classList.toggle("is-live", !picture && !off);
}

/** @param {import("./media.js").Media} media */
function showOwn(media) {
  const [mute, camera] = [$("mute"), $("camera")];
  mute?.setAttribute("aria-pressed", String(!media.microphoneOn));
  if (mute) mute.lastElementChild.textContent = media.microphoneOn ? "Mute me" : "Muted";
  camera?.setAttribute("aria-pressed", String(media.cameraWanted));
  if (camera) camera.lastElementChild.textContent = media.cameraWanted ? "Camera off" : "Camera on";
}
