// @ts-check
/**
 * Marking by a tap, as a headset can: one tap on a picture puts a ring there, a tap on an own ring takes it away. No
 * tool is chosen and nothing is dragged.
 */

/** Half of a ring's height, as a share of the picture's: a fingertip at arm's length. */
const RING = 0.05;
const COLOUR = "green";

/**
 * Where on a picture a tap fell, as shares of its width and height.
 * @param {DOMRect} box of the element that shows the whole picture, as large as it fits
 * @param {{width: number, height: number}} size
 * @param {{clientX: number, clientY: number}} tap
 * @returns {import("./marks.js").Point | null} null beside the picture
 */
export function placeOn(box, { width, height }, { clientX, clientY }) {
  const scale = Math.min(box.width / width, box.height / height);
  const x = (clientX - box.left - (box.width - width * scale) / 2) / (width * scale);
  const y = (clientY - box.top - (box.height - height * scale) / 2) / (height * scale);
  return [x, y].every((one) => one >= 0 && one <= 1) ? [x, y] : null;
}

/**
 * What a tap does to the marks of a picture.
 * @param {import("./marks.js").MarkLog} log
 * @param {string} base
 * @param {import("./marks.js").Point} place
 * @param {{width: number, height: number}} size
 * @returns {import("./marks.js").MarkEvent | null} null where the picture takes no more marks
 */
export function tapped(log, base, [x, y], { width, height }) {
  const [rx, ry] = [(RING * height) / width, RING];
  const own = log.marks(base).filter((mark) => mark.kind === "ellipse" && mark.author === log.author);
  const hit = own.findLast(({ points: [[left, top], [right, bottom]] }) => x >= left && x <= right && y >= top && y <= bottom);
  if (hit) return log.remove(hit.id);
  if (log.isFull(base)) return null;
  return log.add(base, { kind: "ellipse", points: [[x - rx, y - ry], [x + rx, y + ry]], colour: COLOUR });
}
