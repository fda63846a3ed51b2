// @ts-check
/** The page that tries everything a call needs before one is wanted, and keeps what it found with the headset. */
import { Media } from "./media.js";
import { measured, reaches } from "./paths.js";
import { gradeOf, words } from "./quality.js";
import { at, icon, write } from "./screens.js";
import { AssistSocket } from "./socket.js";

const LISTEN_MS = 2_500;
const SILENCE = 0.005;
const PINGS = 8;

const socket = new AssistSocket("headset");
const media = new Media();

/**
 * Say what one part of the check found.
 * @param {string} part
 * @param {string} text
 * @param {"good" | "warn" | "hot" | ""} [kind]
 */
function found(part, text, kind = "") {
  const line = document.querySelector(`[data-part="${part}"]`);
  if (!line) return;
  line.className = kind;
  const name = kind === "good" ? "compliant" : kind ? "warn" : "signal";
  line.replaceChildren(icon(name), Object.assign(document.createElement("span"), { textContent: text }));
}

/** @returns {Promise<any>} what the camera and microphone give */
async function devices() {
  try {
    await media.open({ camera: true });
  } catch {
    found("camera", "The camera is closed to this page, or not there", "hot");
    found("microphone", "The microphone is closed to this page, or not there", "hot");
    return { camera: false, microphone: false };
  }
  const { width = 0, height = 0 } = media.camera?.getSettings() ?? {};
  const sharp = height >= 1080;
  const camera = media.camera !== null;
  found("camera", camera ? `Camera: ${width} x ${height}` : "There is no camera", camera ? (sharp ? "good" : "warn") : "hot");
  found("microphone", "Microphone: say something ...");
  const heard = media.microphone ? await loudness(media.microphone) : 0;
  const microphone = heard > SILENCE;
  found("microphone", microphone ? "Microphone: it hears you" : "Microphone: nothing was heard", microphone ? "good" : "hot");
  return { camera, microphone, ...(camera ? { width, height } : {}) };
}

/** @param {MediaStreamTrack} track @returns {Promise<number>} the loudest that was heard, 0 to 1 */
async function loudness(track) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  let loudest = 0;
  const until = performance.now() + LISTEN_MS;
  while (performance.now() < until && loudest <= SILENCE * 4) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    analyser.getFloatTimeDomainData(wave);
    loudest = Math.max(loudest, ...wave.map(Math.abs));
  }
  await context.close();
  return loudest;
}

/** @returns {Promise<number>} the shortest way to the server and back, in ms */
async function server() {
  let best = Infinity;
  for (let i = 0; i < PINGS; i += 1) {
    const begun = performance.now();
    await socket.request("ping");
    best = Math.min(best, performance.now() - begun);
  }
  found("server", `Server: answers in ${Math.max(1, Math.round(best))} ms`, best < 300 ? "good" : "warn");
  return best;
}

/** @returns {Promise<any>} which ways to a relay are open, and what the best of them carries */
async function network() {
  const turn = await socket.request("turn.get");
  if (!turn.servers.length) {
    found("path", "No relay is set up: calls go from browser to browser only", "warn");
    found("speed", "Speed: seen in a call only", "warn");
    return {};
  }
  const open = await reaches(turn.servers);
  const ways = ["udp", "tcp", "tls"].filter((way) => open[/** @type {keyof typeof open} */ (way)]);
  const sentence = ways.length ? `Ways to the relay: ${ways.join(", ").toUpperCase()}` : "No way to the relay is open";
  found("path", sentence, open.udp ? "good" : ways.length ? "warn" : "hot");
  if (!ways.length) {
    found("speed", "Speed: not measured", "hot");
    return open;
  }
  found("speed", "Speed: measuring ...");
  // Credentials of their own: what was opened until now counts at the relay for a while after it is closed.
  const speed = await measured((await socket.request("turn.get")).servers, ways[0]);
  const mbits = (speed.up_kbps / 1000).toFixed(1);
  const band = speed.up_kbps >= 4000 ? "good for 1080p" : speed.up_kbps >= 1500 ? "enough" : "not enough for a sharp picture";
  const kind = speed.up_kbps >= 1500 ? "good" : speed.up_kbps >= 150 ? "warn" : "hot";
  found("speed", `Speed: ${mbits} Mbit/s both ways, ${band}`, kind);
  return { ...open, ...speed };
}

async function run() {
  at("run").disabled = true;
  write(at("verdict"), { words: "Checking ...", icon: "signal" });
  try {
    await server();
    const [device, net] = await Promise.all([devices(), network()]);
    media.close();
    const known = net.up_kbps !== undefined;
    const grade = known ? gradeOf({ ...net, capacity_kbps: net.up_kbps }) : undefined;
    await socket.request("check.report", { ...device, ...net, ...(grade ? { grade } : {}) });
    const ready = device.camera && device.microphone && grade !== "none";
    const good = ready && (!grade || grade === "optimal" || grade === "minimum");
    write(at("verdict"), { words: grade ? words(grade) : ready ? "Ready for calls" : "Not ready", icon: "signal", kind: good ? "good" : "warn" });
  } catch (error) {
    write(at("verdict"), { words: "The check was cut off", icon: "signal", kind: "hot" });
    found("server", error instanceof Error ? error.message : "The server does not answer", "hot");
  } finally {
    media.close();
    at("run").disabled = false;
  }
}

media.on("change", () => {
  const on = media.cameraOn || media.microphoneOn;
  const now = on ? "Camera and microphone are on; nobody sees or hears you" : "Camera and microphone are off";
  for (const tag of document.querySelectorAll("[data-shared]")) write(tag, { words: now, icon: on ? "camera" : "norec", kind: on ? "hot" : "" });
});
at("run").addEventListener("click", run);
socket.on("closed", () => location.assign("/k"));
window.addEventListener("pagehide", () => media.close());
socket.open();
