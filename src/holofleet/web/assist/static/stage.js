// @ts-check
/**
 * The stage: the live picture or a still, the marks over it, and the tools that make them, by pointer and by keys.
 *
 * It knows one log of marks and shows one picture at a time; what is done is told to whoever holds the call. Nothing
 * needs a drag: a click places a mark of a usual size, keys place one in the middle and move it.
 */
import { COLOURS, LIVE, MOST_MARKS } from "./marks.js";
import { drawMarks, inWords } from "./marks_view.js";

const POINTER_MS = 34;
const POINTER_GONE_MS = 1_500;
const INK_MS = 50;
const NEAR = 0.006;
const STEP = 0.01;
const MOST_ZOOM = 8;
/** Half of the size of a mark that is placed without a drag. */
const USUAL = 0.07;
const LASTING = new Set(["arrow", "ink", "ellipse", "rectangle", "step", "text"]);
const DRAGGED = new Set(["arrow", "ellipse", "rectangle"]);
const WORDED = new Set(["step", "text"]);

/** @typedef {import("./marks.js").MarkLog} MarkLog */
/** @typedef {import("./marks.js").MarkEvent} MarkEvent */
/** @typedef {import("./marks.js").Point} Point */
/** @typedef {{id: string, url: string, width: number, height: number, name: string}} Picture */

/**
 * @typedef {object} Doings
 * @property {(event: MarkEvent) => void} made an event that the others have to be told
 * @property {(pointer: {base: string, x: number, y: number, colour: string} | null) => void} pointed
 * @property {() => void} freeze a lasting mark is wanted on the live picture
 * @property {(words: string) => void} say
 * @property {() => void} changed tool, colour, choice or marks are others now
 */

export class Stage {
  base = LIVE;
  tool = "select";
  colour = COLOURS[0];
  /** Id of the chosen mark; empty for none. */
  chosen = "";
  /** @type {Map<string, string>} */
  names = new Map();

  #log;
  #doings;
  #parts;
  #zoom = 1;
  /** @type {Picture | null} */
  #picture = null;
  /** @type {any} */
  #draft = null;
  /** @type {{start: Point, at: Point, target: string, line: Point[], sent: number} | null} */
  #drag = null;
  /** @type {Point | null} */
  #wordsAt = null;
  /** @type {Point} */
  #pointAt = [0.5, 0.5];
  #pointed = 0;
  /** @type {Map<string, {base: string, x: number, y: number, colour: string, at: number}>} */
  #pointers = new Map();
  #drawing = 0;

  /** @param {HTMLElement} root @param {MarkLog} log @param {Doings} doings */
  constructor(root, log, doings) {
    const find = (/** @type {string} */ id) => /** @type {any} */ (root.querySelector(`#${id}`));
    this.#log = log;
    this.#doings = doings;
    this.#parts = {
      root,
      view: /** @type {HTMLElement} */ (find("view")),
      sheet: /** @type {HTMLElement} */ (find("sheet")),
      video: /** @type {HTMLVideoElement} */ (find("video")),
      image: /** @type {HTMLImageElement} */ (find("picture")),
      marks: /** @type {SVGSVGElement} */ (find("marks")),
      words: /** @type {HTMLFormElement} */ (find("words")),
      field: /** @type {HTMLInputElement} */ (find("words-field")),
      wordsLabel: /** @type {HTMLElement} */ (find("words-label")),
    };
    this.#listen();
    this.use("point");
  }

  get video() {
    return this.#parts.video;
  }

  /** Width and height of what is shown, in its own pixels. */
  get size() {
    const { video } = this.#parts;
    if (this.#picture) return { width: this.#picture.width, height: this.#picture.height };
    return { width: video.videoWidth || 1920, height: video.videoHeight || 1080 };
  }

  /** What is shown as an image that can be drawn. */
  get source() {
    return this.#picture ? this.#parts.image : this.#parts.video;
  }

  get marks() {
    return this.#log.marks(this.base);
  }

  /** Show a still, or the live picture. @param {Picture | null} picture */
  show(picture) {
    const { image, video, sheet } = this.#parts;
    const other = (picture?.id ?? LIVE) !== this.base;
    this.#picture = picture;
    this.base = picture?.id ?? LIVE;
    image.hidden = !picture;
    video.hidden = Boolean(picture);
    if (picture) {
      image.src = picture.url;
      image.alt = picture.name;
    } else image.removeAttribute("src");
    sheet.dataset.base = this.base;
    if (other) {
      this.#closeWords();
      this.#drag = this.#draft = null;
      this.chosen = "";
      this.#zoom = 1;
    }
    this.layout();
    this.redraw();
  }

  /** Choose a tool by name. @param {string} tool */
  use(tool) {
    this.#closeWords();
    if (this.tool === "point" && tool !== "point") this.#doings.pointed(null);
    this.tool = tool;
    if (tool !== "select") this.chosen = "";
    this.#parts.sheet.dataset.hand = tool;
    this.redraw();
  }

  /** @param {string} colour */
  paint(colour) {
    this.colour = colour;
    this.#doings.changed();
  }

  /** @param {string} id */
  choose(id) {
    this.chosen = id;
    this.redraw();
  }

  /** Show where somebody points. @param {string} author @param {any} pointer */
  pointer(author, pointer) {
    const fine = [pointer?.x, pointer?.y].every((one) => typeof one === "number" && one >= 0 && one <= 1);
    if (fine && typeof pointer.base === "string") this.#pointers.set(author, { ...pointer, at: performance.now() });
    else this.#pointers.delete(author);
    this.#draw();
    setTimeout(() => this.#draw(), POINTER_GONE_MS + 20);
  }

  undo() {
    this.#tell(this.#log.undo(this.base));
  }

  redo() {
    this.#tell(this.#log.redo(this.base));
  }

  erase() {
    this.#tell(this.#log.erase(this.base));
  }

  /** Take one mark away; without an id the chosen one. @param {string} [id] */
  remove(id = this.chosen) {
    const list = this.marks.map((mark) => mark.id);
    if (!id) return;
    this.#tell(this.#log.remove(id));
    if (id === this.chosen) this.choose(list.filter((one) => one !== id).at(-1) ?? "");
  }

  /** @param {number} factor 0 for a picture that fits */
  zoom(factor) {
    const { view } = this.#parts;
    const before = this.#zoom;
    this.#zoom = factor === 0 ? 1 : Math.min(MOST_ZOOM, Math.max(1, this.#zoom * factor));
    const [x, y] = [view.scrollLeft + view.clientWidth / 2, view.scrollTop + view.clientHeight / 2];
    this.layout();
    view.scrollLeft = (x * this.#zoom) / before - view.clientWidth / 2;
    view.scrollTop = (y * this.#zoom) / before - view.clientHeight / 2;
  }

  /** Fit the sheet into the view. */
  layout() {
    const { view, sheet } = this.#parts;
    const { width, height } = this.size;
    const fit = Math.min(view.clientWidth / width, view.clientHeight / height);
    sheet.style.width = `${Math.max(1, Math.floor(width * fit * this.#zoom))}px`;
    sheet.style.height = `${Math.max(1, Math.floor(height * fit * this.#zoom))}px`;
    view.classList.toggle("zoomed", this.#zoom > 1);
  }

  /** Draw marks at the next frame, and tell that something is other. */
  redraw() {
    this.#draw();
    this.#doings.changed();
  }

  #draw() {
    if (this.#drawing) return;
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = 0;
      const now = performance.now();
      const pointers = [...this.#pointers].flatMap(([author, one]) =>
        one.base === this.base && now - one.at < POINTER_GONE_MS ? [{ ...one, author }] : [],
      );
      const marks = this.#draft ? [...this.marks, this.#draft] : this.marks;
      drawMarks(this.#parts.marks, marks, { ...this.size, names: this.names, chosen: this.chosen, pointers });
    });
  }

  /** @param {MarkEvent | null} event */
  #tell(event) {
    if (!event) return null;
    this.#doings.made(event);
    this.redraw();
    return event;
  }

  /** Whether a mark may be made now; on the live picture a still is asked for first. */
  #mayMark() {
    if (this.base === LIVE) this.#doings.freeze();
    else if (this.#log.isFull(this.base)) {
      this.#doings.say(`${MOST_MARKS} marks are on this picture. Take some away, or freeze another.`);
    } else return true;
    return false;
  }

  // Pointers

  #listen() {
    const { root, view, sheet, video, words, field } = this.#parts;
    sheet.addEventListener("pointerdown", (event) => this.#down(event));
    sheet.addEventListener("pointermove", (event) => this.#move(event));
    sheet.addEventListener("pointerup", (event) => this.#up(event));
    sheet.addEventListener("pointercancel", () => this.#cancel());
    sheet.addEventListener("pointerleave", () => this.tool === "point" && this.#doings.pointed(null));
    root.addEventListener("keydown", (event) => this.#key(event));
    video.addEventListener("resize", () => {
      this.layout();
      this.#draw();
    });
    view.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
      },
      { passive: false },
    );
    new ResizeObserver(() => this.layout()).observe(view);
    words.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#finishWords();
    });
    field.addEventListener("blur", () => this.#finishWords());
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Escape") return;
      this.#closeWords();
      root.focus();
    });
  }

  /** @param {PointerEvent} event @returns {Point} */
  #at(event) {
    const box = this.#parts.sheet.getBoundingClientRect();
    const share = (/** @type {number} */ value, /** @type {number} */ all) => Math.min(1, Math.max(0, value / all));
    const round = (/** @type {number} */ value) => Math.round(value * 100_000) / 100_000;
    return [round(share(event.clientX - box.left, box.width)), round(share(event.clientY - box.top, box.height))];
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.button !== 0 || target.closest("form")) return;
    this.#parts.root.focus({ preventScroll: true });
    const at = this.#at(event);
    if (this.tool === "select") {
      const id = target.closest("[data-mark]")?.getAttribute("data-mark") ?? "";
      this.choose(id);
      if (!id) return;
      this.#drag = { start: at, at, target: id, line: [], sent: 0 };
    } else if (this.tool === "point") {
      this.#point(at);
      return;
    } else {
      event.preventDefault();
      if (!this.#mayMark()) return;
      this.#drag = { start: at, at, target: "", line: [at], sent: performance.now() };
      if (this.tool === "ink") this.#beginInk(at);
    }
    this.#parts.sheet.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const drag = this.#drag;
    if (!drag) {
      if (this.tool === "point") this.#point(this.#at(event));
      return;
    }
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.#follow(drag, this.#at(one));
    this.#draw();
  }

  /** @param {NonNullable<Stage["#drag"]>} drag @param {Point} at */
  #follow(drag, at) {
    drag.at = at;
    if (this.tool === "ink") {
      drag.line.push(at);
      if (performance.now() - drag.sent >= INK_MS) this.#sendInk(drag);
    } else if (DRAGGED.has(this.tool)) this.#draft = this.#shape(drag.start, at);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const drag = this.#drag;
    if (!drag) return;
    const at = this.#at(event);
    this.#drag = this.#draft = null;
    const far = Math.hypot(at[0] - drag.start[0], at[1] - drag.start[1]) > NEAR;
    if (this.tool === "select") {
      if (far) this.#tell(this.#log.move(drag.target, at[0] - drag.start[0], at[1] - drag.start[1]));
    } else if (this.tool === "ink") this.#sendInk(drag);
    else if (WORDED.has(this.tool)) this.#openWords(drag.start);
    else this.#place(drag.start, far ? at : null);
    this.redraw();
  }

  #cancel() {
    if (this.#drag && this.tool === "ink") this.#sendInk(this.#drag);
    this.#drag = this.#draft = null;
    this.redraw();
  }

  /** @param {Point} at */
  #beginInk(at) {
    const shape = { kind: /** @type {const} */ ("ink"), points: [at], colour: this.colour };
    const event = this.#tell(this.#log.add(this.base, shape));
    if (this.#drag && event) Object.assign(this.#drag, { target: event.id, line: [] });
  }

  /** Ink is told in parts while it is drawn. @param {NonNullable<Stage["#drag"]>} drag */
  #sendInk(drag) {
    if (!drag.line.length || !drag.target) return;
    this.#tell(this.#log.append(drag.target, drag.line));
    drag.line = [];
    drag.sent = performance.now();
  }

  /** @param {Point} at */
  #point(at) {
    this.#pointAt = at;
    const now = performance.now();
    if (now - this.#pointed < POINTER_MS) return;
    this.#pointed = now;
    const pointer = { base: this.base, x: at[0], y: at[1], colour: this.colour };
    this.#doings.pointed(pointer);
    this.pointer(this.#log.author, pointer);
  }

  /** @param {Point} start @param {Point} end @returns {any} */
  #shape(start, end) {
    const points = [start, end];
    return { id: "draft", author: this.#log.author, t: 0, kind: this.tool, points, colour: this.colour };
  }

  /** Place a mark with the tool; without an end in its usual size. @param {Point} start @param {Point | null} end */
  #place(start, end) {
    const { width, height } = this.size;
    // On a strip of a picture too: a mark lies within half a picture around it.
    const [dx, dy] = [USUAL, Math.min(0.4, (USUAL * width) / height)];
    const usual = {
      arrow: [[start[0] - dx, start[1] - dy], start],
      ellipse: [[start[0] - dx, start[1] - dy], [start[0] + dx, start[1] + dy]],
      rectangle: [[start[0] - dx, start[1] - dy], [start[0] + dx, start[1] + dy]],
    };
    const kind = /** @type {"arrow" | "ellipse" | "rectangle"} */ (this.tool);
    const points = /** @type {Point[]} */ (end ? [start, end] : usual[kind]);
    return this.#tell(this.#log.add(this.base, { kind, points, colour: this.colour }));
  }

  // Words of steps and texts

  /** @param {Point} at */
  #openWords(at) {
    const { words, field, wordsLabel } = this.#parts;
    this.#wordsAt = at;
    const number = this.#log.nextStep(this.base);
    wordsLabel.textContent = this.tool === "step" ? `What to do at step ${number}` : "Text";
    field.placeholder = this.tool === "step" ? `Step ${number}: what to do (or Enter)` : "Text, then Enter";
    field.value = "";
    words.style.left = `${Math.min(0.72, at[0]) * 100}%`;
    words.style.top = `${Math.min(0.9, at[1]) * 100}%`;
    words.hidden = false;
    // At once: what is typed before the field has the focus would be taken for keys of the stage.
    field.focus({ preventScroll: true });
  }

  #closeWords() {
    this.#wordsAt = null;
    this.#parts.words.hidden = true;
  }

  #finishWords() {
    const at = this.#wordsAt;
    const text = this.#parts.field.value.trim();
    this.#closeWords();
    if (!at) return;
    const [colour, points] = [this.colour, [at]];
    if (this.tool === "step") {
      const number = this.#log.nextStep(this.base);
      this.#tell(this.#log.add(this.base, { kind: "step", points, colour, number, ...(text ? { text } : {}) }));
    } else if (text) this.#tell(this.#log.add(this.base, { kind: "text", points, colour, text }));
    this.#parts.root.focus({ preventScroll: true });
  }

  // Keys

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.#parts.root) return;
    const far = event.shiftKey ? 5 * STEP : STEP;
    const arrows = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
    const by = arrows[/** @type {keyof typeof arrows} */ (event.key)];
    if (by) this.#shift(by[0], by[1]);
    else if (event.key === "Enter") this.#placeInMiddle();
    else if (event.key === "Delete" || event.key === "Backspace") this.remove();
    else if (event.key === "PageDown" || event.key === "PageUp") this.#chooseNext(event.key === "PageDown" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  /** Arrow keys move the chosen mark, else the pointer, else what is seen. @param {number} dx @param {number} dy */
  #shift(dx, dy) {
    const { view } = this.#parts;
    if (this.chosen) this.#tell(this.#log.move(this.chosen, dx, dy));
    else if (this.tool === "point") {
      const inside = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));
      this.#point([inside(this.#pointAt[0] + dx), inside(this.#pointAt[1] + dy)]);
    } else view.scrollBy(dx * view.clientWidth * 5, dy * view.clientHeight * 5);
  }

  #placeInMiddle() {
    if (this.tool === "point") return this.#point(this.#pointAt);
    if (!LASTING.has(this.tool) || !this.#mayMark()) return;
    const { view, sheet } = this.#parts;
    const [seen, all] = [view.getBoundingClientRect(), sheet.getBoundingClientRect()];
    /** @type {Point} */
    const middle = [
      (seen.left + seen.width / 2 - all.left) / all.width,
      (seen.top + seen.height / 2 - all.top) / all.height,
    ];
    if (WORDED.has(this.tool)) return this.#openWords(middle);
    if (this.tool === "ink") return this.#doings.say("Ink is drawn with a mouse or pen. With keys, use Arrow or Circle.");
    const made = this.#place(middle, null);
    if (made) this.choose(made.id);
  }

  /** @param {number} step */
  #chooseNext(step) {
    const own = this.marks.filter((mark) => mark.author === this.#log.author);
    if (!own.length) return;
    const at = own.findIndex((mark) => mark.id === this.chosen);
    const mark = own[(at + step + own.length + (at < 0 && step < 0 ? 1 : 0)) % own.length];
    this.choose(mark.id);
    this.#doings.say(`Chosen: ${inWords(mark)}`);
  }
}
