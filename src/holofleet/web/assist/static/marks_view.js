// @ts-check
/**
 * Draws marks over a picture as SVG: the same on both sides, sharp at any size. Each author has a sign of their own
 * beside their marks, so that nothing hangs on colour alone; everything has a dark edge, for bright pictures.
 */

const SVG = "http://www.w3.org/2000/svg";
/** @type {Readonly<Record<string, string>>} */
export const COLOUR_VALUES = Object.freeze({
  yellow: "#ffcb66",
  sky: "#8fd0ff",
  green: "#86e5a8",
  coral: "#ffaaa3",
  violet: "#cdb6ff",
  white: "#ebebeb",
});
const EDGE = "#101010";
const FONT = "Segoe UI, Open Sans, Noto Sans, Liberation Sans, sans-serif";
/** @type {Readonly<Record<string, string>>} */
const NAMES = Object.freeze({
  arrow: "arrow",
  ink: "line",
  rectangle: "box",
  ellipse: "circle",
  step: "step",
  text: "text",
});

/**
 * @typedef {import("./marks.js").Mark} Mark
 * @typedef {import("./marks.js").Point} Point
 * @typedef {{width: number, height: number, names?: Map<string, string>, chosen?: string,
 *   pointers?: {x: number, y: number, colour: string, author: string}[]}} Look
 */

/** @param {string} name @param {Record<string, string | number>} attributes @param {(Node | string)[]} children */
function make(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** Initials of a name. @param {string} name */
export function initials(name) {
  const words = name.split(/[\s-]+/).filter(Boolean);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

/** A mark in words. @param {Mark} mark @param {Map<string, string>} [names] */
export function inWords(mark, names) {
  const by = names?.get(mark.author);
  const what = mark.kind === "step" ? `step ${mark.number}` : `${mark.colour} ${NAMES[mark.kind]}`;
  return what + (mark.text ? `: ${mark.text}` : "") + (by ? `, by ${by}` : "");
}

/**
 * Fill an SVG that lies over a picture with the picture's marks.
 * @param {SVGSVGElement | Element} svg
 * @param {Mark[]} marks
 * @param {Look} look width and height of the picture in its own pixels
 */
export function drawMarks(svg, marks, look) {
  const { width, height, names, pointers = [] } = look;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute(
    "aria-label",
    marks.length
      ? `${marks.length} ${marks.length === 1 ? "mark" : "marks"}: ${marks.map((mark) => inWords(mark, names)).join("; ")}`
      : "No marks",
  );
  // As thick on a page that stands as on a picture that lies: four pixels at 480 lines at least.
  const unit = Math.max(2, Math.min(height / 90, width / 80));
  svg.replaceChildren(
    ...marks.map((mark) => drawMark(mark, { ...look, unit })),
    ...pointers.map((one) => drawPointer(one, width, height, unit, names)),
  );
}

/** @param {Mark} mark @param {Look & {unit: number}} look */
function drawMark(mark, { width, height, names, unit, chosen }) {
  const at = mark.points.map(([x, y]) => /** @type {Point} */ ([x * width, y * height]));
  const colour = COLOUR_VALUES[mark.colour] ?? COLOUR_VALUES.white;
  const group = make("g", { "data-mark": mark.id, "data-kind": mark.kind, "data-author": mark.author });
  if (chosen === mark.id) group.append(frame(at, unit));
  if (mark.kind === "step") group.append(...step(at[0], mark, colour, unit));
  else if (mark.kind === "text") group.append(label(at[0], mark.text ?? "", colour, unit, 4.4));
  else {
    const path = outline(mark.kind, at, unit);
    const round = { fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round" };
    group.append(
      make("path", { d: path, stroke: EDGE, "stroke-width": unit * 1.9, ...round }),
      make("path", { d: path, stroke: colour, "stroke-width": unit, ...round }),
    );
  }
  const by = names?.get(mark.author);
  if (by) group.append(label(beside(mark.kind, at, unit, height), initials(by), colour, unit, 2.6));
  return group;
}

/** @param {string} kind @param {Point[]} at @param {number} unit */
function outline(kind, at, unit) {
  const [[x1, y1], [x2, y2]] = [at[0], at.at(-1) ?? at[0]];
  if (kind === "ink") return ink(at);
  if (kind === "rectangle") return `M${x1} ${y1}H${x2}V${y2}H${x1}Z`;
  if (kind === "ellipse") {
    const [rx, ry] = [Math.abs(x2 - x1) / 2 || unit, Math.abs(y2 - y1) / 2 || unit];
    const [left, middle] = [(x1 + x2) / 2 - rx, (y1 + y2) / 2];
    return `M${left} ${middle}a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0Z`;
  }
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const size = Math.min(unit * 5, Math.max(unit * 2.5, Math.hypot(x2 - x1, y2 - y1) / 2));
  const wing = (/** @type {number} */ turn) =>
    `${x2 - size * Math.cos(angle + turn)} ${y2 - size * Math.sin(angle + turn)}`;
  return `M${x1} ${y1}L${x2} ${y2}M${wing(0.5)}L${x2} ${y2}L${wing(-0.5)}`;
}

/** A line through points without corners: curves from middle to middle. @param {Point[]} at */
function ink(at) {
  if (at.length < 3) return `M${at[0][0]} ${at[0][1]}L${(at[1] ?? at[0])[0] + 0.01} ${(at[1] ?? at[0])[1]}`;
  const middle = (/** @type {Point} */ a, /** @type {Point} */ b) => `${(a[0] + b[0]) / 2} ${(a[1] + b[1]) / 2}`;
  const parts = [`M${at[0][0]} ${at[0][1]}L${middle(at[0], at[1])}`];
  for (let i = 1; i < at.length - 1; i += 1) parts.push(`Q${at[i][0]} ${at[i][1]} ${middle(at[i], at[i + 1])}`);
  const last = /** @type {Point} */ (at.at(-1));
  return parts.join("") + `L${last[0]} ${last[1]}`;
}

/** @param {Point} at @param {Mark} mark @param {string} colour @param {number} unit */
function step([x, y], mark, colour, unit) {
  const size = unit * 3.6;
  const circle = make("circle", { cx: x, cy: y, r: size, fill: EDGE, stroke: colour, "stroke-width": unit * 0.8 });
  const number = make(
    "text",
    {
      x,
      y: y + size * 0.38,
      fill: COLOUR_VALUES.white,
      "font-family": FONT,
      "font-size": size * 1.1,
      "font-weight": 700,
      "text-anchor": "middle",
    },
    String(mark.number),
  );
  if (!mark.text) return [circle, number];
  return [circle, number, label([x + size * 1.5, y + unit * 1.4], mark.text, colour, unit, 4)];
}

/** @param {Point} at @param {string} text @param {string} colour @param {number} unit @param {number} size */
function label([x, y], text, colour, unit, size) {
  return make(
    "text",
    {
      x,
      y,
      fill: colour,
      stroke: EDGE,
      "stroke-width": unit * 1.1,
      "stroke-linejoin": "round",
      "paint-order": "stroke",
      "font-family": FONT,
      "font-size": unit * size,
      "font-weight": 700,
    },
    text,
  );
}

/** Where an author's initials stand. @param {string} kind @param {Point[]} at @param {number} unit @param {number} height @returns {Point} */
function beside(kind, at, unit, height) {
  const [x, y] = at[0];
  const lift = unit * (kind === "step" ? 5 : kind === "text" ? 4.6 : 1.8);
  const up = y - lift > unit * 3 ? y - lift : Math.min(height, y + lift + unit * 2.6);
  return [x + (kind === "step" ? unit * 2.6 : unit), up];
}

/** @param {Point[]} at @param {number} unit */
function frame(at, unit) {
  const [xs, ys] = [at.map(([x]) => x), at.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs) - unit * 4, Math.min(...ys) - unit * 4];
  return make("rect", {
    x,
    y,
    width: Math.max(...xs) - x + unit * 4,
    height: Math.max(...ys) - y + unit * 4,
    fill: "none",
    stroke: COLOUR_VALUES.white,
    "stroke-width": unit * 0.5,
    "stroke-dasharray": `${unit * 1.5} ${unit * 1.5}`,
  });
}

/**
 * @param {{x: number, y: number, colour: string, author: string}} one @param {number} width @param {number} height
 * @param {number} unit @param {Map<string, string>} [names]
 */
function drawPointer(one, width, height, unit, names) {
  const [x, y] = [one.x * width, one.y * height];
  const colour = COLOUR_VALUES[one.colour] ?? COLOUR_VALUES.white;
  const group = make("g", { "data-pointer": one.author });
  group.append(
    make("circle", { cx: x, cy: y, r: unit * 3, fill: "none", stroke: EDGE, "stroke-width": unit * 2.2 }),
    make("circle", { cx: x, cy: y, r: unit * 3, fill: "none", stroke: colour, "stroke-width": unit * 1.2 }),
    make("circle", { cx: x, cy: y, r: unit * 1.1, fill: colour, stroke: EDGE, "stroke-width": unit * 0.5 }),
  );
  const by = names?.get(one.author);
  if (by) group.append(label([x + unit * 4.2, y - unit * 2.2], initials(by), colour, unit, 2.6));
  return group;
}
