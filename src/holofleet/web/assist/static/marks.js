// @ts-check
/**
 * Marks on a picture, as a log of events. Nothing here knows a page: a picture follows from the log alone, so every
 * side that has the same events, in whatever order they came, shows the same marks.
 *
 * Events are ordered by time, author and number. A mark is changed and taken back by its author only. Undo names the
 * event that it takes back; redo puts it back; both are events, so nothing is ever lost from the log. That a picture
 * came onto the table is an event too, with its size: marks are shares of it, and whoever draws them later needs its shape.
 */

export const VERSION = 1;
export const LIVE = "live";
export const MOST_POINTS = 5_000;
export const MOST_MARKS = 200;
export const MOST_TEXT = 200;
const MOST_EVENTS = 20_000;
const MOST_SIDE = 16_384;
/** What an author does not take back. */
const KEPT = new Set(["undo", "redo", "mark.append", "picture"]);
const ID = /^[0-9A-Za-z]{1,26}$/;
const BASE = /^[0-9A-Za-z_-]{1,40}$/;

/** Names of colours, as they are said; the values stand in the view. */
export const COLOURS = Object.freeze(["yellow", "sky", "green", "coral", "violet", "white"]);
/** How many points a mark of each kind has: least and most. */
const POINTS = Object.freeze({
  arrow: [2, 2],
  ink: [1, MOST_POINTS],
  rectangle: [2, 2],
  ellipse: [2, 2],
  step: [1, 1],
  text: [1, 1],
});

/**
 * @typedef {[number, number]} Point share of the picture's width and height, from its upper left corner
 * @typedef {"arrow" | "ink" | "rectangle" | "ellipse" | "step" | "text"} Kind
 * @typedef {{kind: Kind, points: Point[], colour: string, text?: string, number?: number}} Shape
 * @typedef {Shape & {id: string, author: string, t: number}} Mark
 * @typedef {{v: number, id: string, call: string, seq: number, author: string, t: number, base: string,
 *   op: string, mark?: Shape, target?: string, points?: Point[], by?: Point,
 *   picture?: {name: string, width: number, height: number}}} MarkEvent
 */

/** @param {unknown} value @returns {value is Point} */
function isPoint(value) {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((one) => typeof one === "number" && Number.isFinite(one) && one >= -0.5 && one <= 1.5)
  );
}

/** @param {unknown} value @param {number} least @param {number} most */
function arePoints(value, least, most) {
  return Array.isArray(value) && value.length >= least && value.length <= most && value.every(isPoint);
}

/** @param {any} shape @returns {shape is Shape} */
function isShape(shape) {
  if (typeof shape !== "object" || shape === null || !Object.hasOwn(POINTS, shape.kind)) return false;
  const [least, most] = POINTS[/** @type {Kind} */ (shape.kind)];
  if (!arePoints(shape.points, least, most) || !COLOURS.includes(shape.colour)) return false;
  if (shape.kind === "text" || shape.text !== undefined) {
    if (typeof shape.text !== "string" || shape.text.length > MOST_TEXT) return false;
    if (shape.kind === "text" && !shape.text.trim()) return false;
  }
  if (shape.kind !== "step") return shape.number === undefined;
  return Number.isInteger(shape.number) && shape.number >= 1 && shape.number <= 99;
}

/** @param {any} picture */
function isPicture(picture) {
  const side = (/** @type {unknown} */ value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_SIDE;
  if (typeof picture !== "object" || picture === null) return false;
  return typeof picture.name === "string" && picture.name.length <= MOST_TEXT && side(picture.width) && side(picture.height);
}

/** What each operation needs beside the head of an event. @type {Record<string, (event: any) => boolean>} */
const OPERATIONS = {
  "mark.add": (event) => isShape(event.mark),
  "mark.append": (event) => ID.test(event.target) && arePoints(event.points, 1, MOST_POINTS),
  "mark.move": (event) => ID.test(event.target) && isPoint(event.by),
  "mark.remove": (event) => ID.test(event.target),
  erase: () => true,
  picture: (event) => isPicture(event.picture),
  undo: (event) => ID.test(event.target),
  redo: (event) => ID.test(event.target),
};

/**
 * Whether something that came from another page is an event of a call.
 * @param {any} event
 * @param {string} call
 * @returns {event is MarkEvent}
 */
export function isMarkEvent(event, call) {
  return (
    typeof event === "object" &&
    event !== null &&
    event.v === VERSION &&
    event.call === call &&
    typeof event.id === "string" &&
    ID.test(event.id) &&
    typeof event.author === "string" &&
    typeof event.base === "string" &&
    BASE.test(event.base) &&
    Number.isSafeInteger(event.seq) &&
    event.seq >= 1 &&
    Number.isFinite(event.t) &&
    Object.hasOwn(OPERATIONS, event.op) &&
    OPERATIONS[event.op](event)
  );
}

/** @param {MarkEvent} one @param {MarkEvent} other */
export function inOrder(one, other) {
  if (one.t !== other.t) return one.t - other.t;
  if (one.author !== other.author) return one.author < other.author ? -1 : 1;
  return one.seq - other.seq;
}

/**
 * The events that count: those that their author did not take back, or put back since.
 * @param {MarkEvent[]} ordered
 */
function standing(ordered) {
  const authors = new Map(ordered.map((event) => [event.id, event.author]));
  /** @type {Set<string>} */
  const undone = new Set();
  for (const event of ordered) {
    if (event.target === undefined || authors.get(event.target) !== event.author) continue;
    if (event.op === "undo") undone.add(event.target);
    else if (event.op === "redo") undone.delete(event.target);
  }
  return { undone, events: ordered.filter((event) => !undone.has(event.id)) };
}

/**
 * The marks on one picture that follow from events.
 * @param {Iterable<MarkEvent>} events
 * @param {string} base
 * @returns {Mark[]} oldest first
 */
export function fold(events, base) {
  const ordered = [...events].filter((event) => event.base === base).sort(inOrder);
  /** @type {Map<string, Mark>} */
  const marks = new Map();
  for (const event of standing(ordered).events) {
    if (event.op === "mark.add" && event.mark) {
      if (marks.size < MOST_MARKS) {
        const points = event.mark.points.map(([x, y]) => /** @type {Point} */ ([x, y]));
        marks.set(event.id, { ...event.mark, points, id: event.id, author: event.author, t: event.t });
      }
    } else if (event.op === "erase") {
      for (const [id, mark] of marks) if (mark.author === event.author) marks.delete(id);
    } else if (event.target !== undefined) {
      const mark = marks.get(event.target);
      if (mark?.author === event.author) change(marks, mark, event);
    }
  }
  return [...marks.values()];
}

/** @param {Map<string, Mark>} marks @param {Mark} mark @param {MarkEvent} event */
function change(marks, mark, event) {
  if (event.op === "mark.remove") marks.delete(mark.id);
  else if (event.op === "mark.append" && event.points && mark.kind === "ink") {
    mark.points = [...mark.points, ...event.points].slice(0, MOST_POINTS);
  } else if (event.op === "mark.move" && event.by) {
    const [dx, dy] = event.by;
    mark.points = mark.points.map(([x, y]) => [x + dx, y + dy]);
  }
}

/** A name that no other event has: time first, so that names sort as they were made. @param {number} t */
function newId(t) {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const tail = [...random].map((byte) => "0123456789abcdefghijklmnopqrstuv"[byte & 31]).join("");
  return Math.floor(t).toString(36) + tail;
}

/** The log of one call as one party has it. What it makes has to be said to the others by whoever holds it. */
export class MarkLog {
  #call;
  #author;
  #now;
  #seq = 0;
  /** @type {Map<string, MarkEvent>} */
  #events = new Map();
  /** @type {Map<string, MarkEvent[]>} by picture, in order */
  #bases = new Map();
  /** @type {Map<string, Mark[]>} what follows from the events of a picture, until another comes */
  #folded = new Map();
  #last = 0;

  /** @param {{call: string, author: string, now: () => number}} parts author: own id in the call; now: server's ms */
  constructor({ call, author, now }) {
    this.#call = call;
    this.#author = author;
    this.#now = now;
  }

  get author() {
    return this.#author;
  }

  /** All events, in order. */
  get events() {
    return [...this.#events.values()].sort(inOrder);
  }

  /** Everything that has marks, in the order of its first. */
  get bases() {
    return [...new Set(this.events.map((event) => event.base))];
  }

  /**
   * Take an event of another party.
   * @param {unknown} event
   * @returns {boolean} whether it is new and an event of this call
   */
  take(event) {
    if (!isMarkEvent(event, this.#call) || this.#events.has(event.id) || this.#events.size >= MOST_EVENTS) return false;
    this.#events.set(event.id, event);
    const there = this.#bases.get(event.base) ?? [];
    let at = there.length;
    while (at > 0 && inOrder(there[at - 1], event) > 0) at -= 1;
    there.splice(at, 0, event);
    this.#bases.set(event.base, there);
    this.#folded.delete(event.base);
    if (event.author === this.#author) {
      this.#seq = Math.max(this.#seq, event.seq);
      this.#last = Math.max(this.#last, event.t);
    }
    return true;
  }

  /** @param {string} base */
  #of(base) {
    return this.#bases.get(base) ?? [];
  }

  /** @param {string} base */
  marks(base) {
    const known = this.#folded.get(base) ?? fold(this.#of(base), base);
    this.#folded.set(base, known);
    return [...known];
  }

  /**
   * Say that a picture is on the table; null where the log says so already.
   * @param {string} base @param {{name: string, width: number, height: number}} picture
   */
  lay(base, { name, width, height }) {
    if (this.picture(base)) return null;
    return this.#make(base, { op: "picture", picture: { name: name.slice(0, MOST_TEXT), width, height } });
  }

  /** What the log says of a picture. @param {string} base */
  picture(base) {
    return this.#of(base).find((event) => event.op === "picture")?.picture ?? null;
  }

  /** Whether a picture takes no more marks. @param {string} base */
  isFull(base) {
    return this.marks(base).length >= MOST_MARKS || this.#events.size >= MOST_EVENTS;
  }

  /** The next number for a step on a picture. @param {string} base */
  nextStep(base) {
    return Math.min(99, 1 + Math.max(0, ...this.marks(base).map((mark) => mark.number ?? 0)));
  }

  /** @param {string} base @param {Shape} mark */
  add(base, mark) {
    return this.#make(base, { op: "mark.add", mark });
  }

  /** Go on with a line of ink. @param {string} target @param {Point[]} points */
  append(target, points) {
    return this.#change(target, { op: "mark.append", points });
  }

  /** @param {string} target @param {number} dx @param {number} dy */
  move(target, dx, dy) {
    return this.#change(target, { op: "mark.move", by: [dx, dy] });
  }

  /** @param {string} target */
  remove(target) {
    return this.#change(target, { op: "mark.remove" });
  }

  /** Take away all own marks of a picture. @param {string} base */
  erase(base) {
    return this.marks(base).some((mark) => mark.author === this.#author) ? this.#make(base, { op: "erase" }) : null;
  }

  /** Take back the last thing that was done on a picture; null where there is none. @param {string} base */
  undo(base) {
    const target = this.#undoable(base);
    return target ? this.#make(base, { op: "undo", target: target.id }) : null;
  }

  /** Put back what was taken back last; null where something was done since. @param {string} base */
  redo(base) {
    const target = this.#redoable(base);
    return target ? this.#make(base, { op: "redo", target: target.id }) : null;
  }

  /** @param {string} base */
  canUndo(base) {
    return this.#undoable(base) !== null;
  }

  /** @param {string} base */
  canRedo(base) {
    return this.#redoable(base) !== null;
  }

  /** @param {string} base */
  #own(base) {
    const ordered = this.#of(base).filter((event) => event.author === this.#author);
    return { ordered, undone: standing(ordered).undone };
  }

  /** Lines of ink come in parts: they are taken back whole. @param {string} base */
  #undoable(base) {
    const { ordered, undone } = this.#own(base);
    const acts = ordered.filter((event) => !KEPT.has(event.op));
    return acts.filter((event) => !undone.has(event.id)).at(-1) ?? null;
  }

  /** @param {string} base */
  #redoable(base) {
    const { ordered, undone } = this.#own(base);
    /** @type {string[]} */
    let back = [];
    for (const event of ordered) {
      if (event.op === "undo" && event.target) back.push(event.target);
      else if (event.op === "redo") back = back.filter((id) => id !== event.target);
      else if (!KEPT.has(event.op)) back = [];
    }
    const id = back.filter((one) => undone.has(one)).at(-1);
    return (id && this.#events.get(id)) || null;
  }

  /** @param {string} target @param {Partial<MarkEvent> & {op: string}} what */
  #change(target, what) {
    const base = this.#events.get(target)?.base;
    const mark = base === undefined ? undefined : this.marks(base).find((one) => one.id === target);
    if (base === undefined || mark?.author !== this.#author) return null;
    return this.#make(base, { ...what, target });
  }

  /** @param {string} base @param {Partial<MarkEvent> & {op: string}} what @returns {MarkEvent | null} */
  #make(base, what) {
    // Never before what this page has done: an own act is always after the own acts before it.
    const t = Math.max(Math.floor(this.#now()), this.#last);
    const event = {
      v: VERSION,
      id: newId(t),
      call: this.#call,
      seq: this.#seq + 1,
      author: this.#author,
      t,
      base,
      ...what,
    };
    if (!this.take(event)) return null;
    return event;
  }
}
