// @ts-check
/**
 * The page on which an expert answers and holds one call. It shows what the server says of the call, carries marks and
 * pictures between the stage and the other parties, and asks the server for everything that the server decides.
 */
import { Chat, element, holderOf, nameOf, showMarks, showPictures, showSeats, spaced, watchAbout } from "./beside.js";
import { LiveCall } from "./call.js";
import { Chooser } from "./choosing.js";
import { sha256 } from "./files.js";
import { asData, fillSheet, flattened, save } from "./keep.js";
import { LIVE, MarkLog } from "./marks.js";
import { Media } from "./media.js";
import { AssistSocket, RefusedError } from "./socket.js";
import { Stage } from "./stage.js";

const COPY_MS = 400;
const COPIED_AT_ONCE = 100;
const STILL_MS = 25_000;
/** How long a hand-over waits for the pictures; less than a connection may take. */
const GIVEN_MS = 12_000;
const ANSWERED = "holofleet-answered";
const PAGE_EDGE = 3_840;
const TOOL_KEYS = { p: "point", a: "arrow", i: "ink", c: "ellipse", b: "rectangle", n: "step", t: "text", Escape: "select" };
const REASONS = {
  "hung-up": "The call is over",
  declined: "The call was declined",
  busy: "The call was declined: busy",
  "not-now": "The call was declined for now",
  missed: "Nobody answered in time",
  cancelled: "The caller hung up before it was answered",
  "no-connection": "No connection could be made",
  lost: "The connection was lost and did not come back",
  nobody: "Nobody of the rota answered",
  "not-allowed": "The rules of the fleet do not allow this call any more",
};
const QUALITY = {
  optimal: ["good", "Good picture"],
  minimum: ["good", "Enough"],
  reduced: ["warn", "Reduced"],
  stills: ["warn", "Pictures only"],
  audio: ["warn", "Sound only"],
  none: ["hot", "No connection"],
};

const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const id = document.body.dataset.call ?? "";
const socket = new AssistSocket("expert");
const media = new Media();
/** @type {LiveCall | null} */
let call = null;
/** @type {MarkLog} */
let log;
/** @type {Stage} */
let stage;
/** @type {Chat} */
let chat;
/** @type {Map<string, string>} names of parties, by id */
const names = new Map();
/** @type {Map<string, import("./stage.js").Picture & {blob: Blob, whole: boolean}>} */
const pictures = new Map();
/** @type {Map<string, any>} marks that go to the server with the next message */
const uncopied = new Map();
/** @type {(view: any) => void} */
let showAbout = () => {};
let awaited = "";
let awaitedTimer = 0;
let showing = "";

/** @param {string} words */
function say(words) {
  $("stage-say").textContent = words;
}

/** @param {string} words @param {string} [tone] */
function banner(words, tone = "") {
  $("banner").hidden = !words;
  $("banner").textContent = words;
  $("banner").className = `banner ${tone}`;
}

/** @param {unknown} error */
function sayError(error) {
  say(error instanceof Error ? error.message : "This is not possible now.");
}

/** @param {"ringing" | "desk" | "over"} what */
function showPart(what) {
  if (showing === what) return;
  showing = what;
  for (const one of ["ringing", "desk", "over"]) $(one).hidden = one !== what;
  document.body.dataset.state = what;
  $("acts").hidden = what !== "desk";
  $("recording").hidden = what !== "desk";
  if (what === "desk") {
    stage.layout();
    $("stage").focus();
  }
  if (what === "over") $("over-title").focus();
}

// The call as the server sees it

socket.on("up", ({ calls }) => {
  banner("");
  const found = calls.find((/** @type {any} */ one) => one.id === id);
  if (call) return;
  if (!found || found.state === "ended") return over(found ?? null);
  begin(found);
});
socket.on("down", () => banner("The server does not answer. The call goes on; trying again ...", "warn"));
socket.on("closed", ({ code }) => {
  if (code === 4409) banner("This call was opened in another window.", "hot");
  else if (showing !== "over") banner("You were signed out. Sign in again, then open this page again.", "hot");
});
socket.on("chat", (message) => message.call === id && chat?.add(message, call?.me ?? ""));
socket.on("marks", (message) => message.call === id && takeMarks(message.events));
socket.on("file", (message) => {
  if (message.call === id && message.file.name) say(`${names.get(message.from) ?? "Somebody"} sends ${message.file.name}.`);
});

/** @param {any} view */
function begin(view) {
  for (const party of view.parties) names.set(party.id, nameOf(party));
  log = new MarkLog({ call: id, author: view.me, now: () => socket.now() });
  stage = new Stage($("stage"), log, { made, pointed, freeze, say, changed: () => refresh() });
  stage.names = names;
  chat = new Chat($("chat"), names);
  showAbout = watchAbout(
    $("about"),
    (fields) => socket.request("call.about", { call: id, ...fields }),
    (words) => ($("about-said").textContent = words),
  );
  call = new LiveCall({ socket, media, view });
  const replaces = view.parties.find((/** @type {any} */ party) => party.id === view.me)?.replaces;
  if (replaces) call.ready = given(replaces);
  call.on("view", showView);
  call.on("ended", over);
  call.on("stream", ({ party, stream }) => showStream(party, stream));
  call.on("gone", (party) => document.getElementById(`sound-${party}`)?.remove());
  call.on("code", () => showCodes());
  call.on("alarm", ({ words }) => banner(`Somebody may listen in: ${words}. End the call.`, "hot"));
  call.on("link", linked);
  call.on("message", ({ party, message }) => hear(party, message));
  call.on("pointer", ({ party, message }) => stage.pointer(party, message));
  call.on("file", ({ party, header, blob }) => received(party, header, blob));
  call.on("progress", ({ id: file, got, size }) => {
    if (file === awaited) $("freeze").dataset.share = String(Math.round((got / size) * 100));
    if (file === awaited) say(`The picture comes: ${Math.round((got / size) * 100)} %`);
  });
  call.on("broken", ({ words }) => say(`A picture did not arrive. ${words}`));
  media.on("change", showOwn);
  refresh();
  const mine = view.parties.find((/** @type {any} */ party) => party.id === view.me);
  if (mine?.state === "ringing") ring(view);
  else enter();
  watchQuality();
}

/** @param {any} view */
function ring(view) {
  const caller = view.parties.find((/** @type {any} */ one) => one.kind === "headset") ?? view.parties[0];
  $("title").textContent = "Incoming call";
  document.title = `(1) ${nameOf(caller)} is calling · holofleet`;
  $("ring-title").textContent = `${nameOf(caller)} is calling`;
  const about = [caller.label, view.asset && `Asset ${view.asset}`, view.work_order && `Work order ${view.work_order}`];
  $("ring-about").textContent = about.filter(Boolean).join(" · ");
  showPart("ringing");
  let wanted = "";
  try {
    wanted = sessionStorage.getItem(ANSWERED) ?? "";
    sessionStorage.removeItem(ANSWERED);
  } catch {
    // without storage the person taps once more
  }
  if (wanted === id) answer();
  else $("answer").focus();
}

async function answer() {
  $("answer").disabled = true;
  await openMicrophone();
  try {
    await call?.accept();
  } catch (error) {
    banner(error instanceof RefusedError ? error.message : "It could not be answered. Try again.", "hot");
    $("answer").disabled = false;
  }
}

/** The page was loaded again in a call that goes on. */
async function enter() {
  await openMicrophone();
  showView(call?.view);
}

async function openMicrophone() {
  if (media.microphone) return;
  try {
    await media.open({ camera: false });
  } catch {
    banner("The microphone cannot be used: others do not hear you. Allow it beside the address, then load the page again.", "warn");
  }
}

/** @param {any} view */
function showView(view) {
  if (!view || view.state === "ended") return;
  for (const party of view.parties) names.set(party.id, nameOf(party));
  const mine = view.parties.find((/** @type {any} */ party) => party.id === view.me);
  if (mine?.state === "ringing") return;
  if (mine?.state === "left") return over(view);
  showPart("desk");
  const headset = view.parties.find((/** @type {any} */ one) => one.kind === "headset");
  $("title").textContent = headset?.name ?? "Call";
  $("who").textContent = headset ? holderOf(headset) : "";
  document.title = `${headset ? nameOf(headset) : "Call"} · call · holofleet`;
  showSeats($("seats"), view, (party) => call?.code(party) ?? "");
  const recorded = view.recording?.state ?? "none";
  $("recording").className = `tag ${recorded === "none" ? "" : "hot"}`;
  $("recording").lastElementChild.textContent =
    recorded === "on" ? "Recorded" : recorded === "asked" ? "Recording is asked for" : "Not recorded";
  showAbout(view);
  showSwitches(view.switches, headset);
  showCodes();
  showOwn();
}

/** What the rules of the call do without is not there. @param {any} switches @param {any} headset */
function showSwitches(switches, headset) {
  $("chat-form").hidden = !switches.chat;
  $("insert").hidden = !switches.files;
  $("snapshot").hidden = !switches.snapshots;
  for (const one of document.querySelectorAll("[data-keep]")) /** @type {any} */ (one).hidden = !switches.snapshots;
  $("freeze").disabled = !headset?.camera && stage.base === LIVE;
  const off = headset && headset.state === "joined" && !headset.camera;
  $("stage").classList.toggle("dark", Boolean(off) && stage.base === LIVE);
  $("where").dataset.off = off ? "1" : "";
  showWhere();
}

function showCodes() {
  const headset = call?.view.parties.find((/** @type {any} */ one) => one.kind === "headset");
  const code = headset ? (call?.code(headset.id) ?? "") : "";
  $("code").hidden = !code;
  $("code").lastElementChild.textContent = code ? `Code ${spaced(code)}` : "";
  if (call) showSeats($("seats"), call.view, (party) => call?.code(party) ?? "");
}

/** @param {any} view */
function over(view) {
  media.close();
  clearInterval(clockTimer);
  const reason = view?.ended?.reason ?? (view ? "hung-up" : "");
  const left = view && view.state !== "ended";
  $("over-title").textContent = left ? "You left the call" : view ? "Call ended" : "There is no such call now";
  $("over-why").textContent = left
    ? "The others go on without you."
    : view
      ? `${REASONS[/** @type {keyof typeof REASONS} */ (reason)] ?? "The call is over"}.`
      : "It is over, or it is not yours.";
  $("over-keep").hidden = !log?.events.length || !view?.switches?.snapshots;
  $("title").textContent = "Call";
  $("who").textContent = "";
  document.title = "Call ended · holofleet";
  for (const one of ["time", "quality", "code"]) $(one).hidden = true;
  banner("");
  showPart("over");
}

// Media

/** @param {string} party @param {MediaStream} stream */
function showStream(party, stream) {
  const from = call?.view.parties.find((/** @type {any} */ one) => one.id === party);
  let sound = /** @type {HTMLAudioElement | null} */ (document.getElementById(`sound-${party}`));
  if (!sound) {
    sound = document.createElement("audio");
    sound.id = `sound-${party}`;
    $("sounds").append(sound);
  }
  if (sound.srcObject !== stream) sound.srcObject = stream;
  sound.play().catch(() => banner("Click anywhere to hear the call.", "warn"));
  if (from?.kind !== "headset") return;
  for (const video of [$("video"), $("thumb-video")]) {
    if (video.srcObject !== stream) video.srcObject = stream;
    video.play().catch(() => {});
  }
}

document.addEventListener("pointerdown", () => {
  for (const sound of document.querySelectorAll("audio")) if (sound.paused && sound.srcObject) sound.play().catch(() => {});
});

/** @param {{party: string, state: string, path?: string}} link */
function linked({ party, state }) {
  if (state === "connected") {
    banner("");
    // Both sides may have missed something; what is known already counts once.
    for (let at = 0; at < log.events.length; at += COPIED_AT_ONCE) {
      call?.say({ type: "marks", events: log.events.slice(at, at + COPIED_AT_ONCE) }, party);
    }
    bringPictures(party);
  } else if (state === "reconnecting") banner(`The connection to ${names.get(party)} was lost. Trying again ...`, "warn");
  else if (state === "failed") banner(`No connection to ${names.get(party)}.`, "hot");
}

/** What the expert before had is here, or does not come. @param {string} before */
function given(before) {
  return new Promise((resolve) => {
    setTimeout(resolve, GIVEN_MS);
    call?.on("gone", (party) => party === before && resolve(undefined));
    call?.on("message", ({ party, message }) => {
      if (party === before && message.type === "pictures.done") resolve(undefined);
    });
  });
}

/** Who comes in later gets the pictures, from the expert who was there first. @param {string} party */
async function bringPictures(party) {
  const seats = call?.view.parties ?? [];
  const there = seats.find((/** @type {any} */ one) => one.id === party);
  const first = seats.find((/** @type {any} */ one) => one.kind !== "headset" && one.state === "joined");
  if (there?.kind === "headset" || first?.id !== call?.me) return;
  for (const { id: picture, blob, name, width, height } of pictures.values()) {
    await call?.peers.get(party)?.files.send({ id: picture, kind: "still", name, type: blob.type, width, height }, blob).catch(() => {});
  }
  if (stage.base !== LIVE) call?.say({ type: "view", base: stage.base }, party);
  call?.say({ type: "pictures.done" }, party);
}

function showOwn() {
  const [mute, camera] = [$("mute"), $("camera")];
  mute.setAttribute("aria-pressed", String(!media.microphoneOn));
  mute.lastElementChild.textContent = media.microphoneOn ? "Mute me" : "Muted";
  camera.setAttribute("aria-pressed", String(media.cameraOn));
  camera.lastElementChild.textContent = media.cameraOn ? "Camera off" : "Camera on";
}

async function watchQuality() {
  // It measures beside the call, which goes on without it.
  const found = await import("./quality.js").catch(() => null);
  if (!found || !call) return;
  const headset = call.view.parties.find((/** @type {any} */ one) => one.kind === "headset");
  if (!headset) return;
  const watch = new found.QualityWatch(call, { party: headset.id });
  call.on("ended", () => watch.close());
  watch.on("grade", ({ grade, words, sample }) => {
    const [tone, short] = QUALITY[/** @type {keyof typeof QUALITY} */ (grade)] ?? ["", words];
    $("quality").hidden = false;
    $("quality").className = `tag ${tone}`;
    $("quality").lastElementChild.textContent = words || short;
    const size = sample?.width ? `${sample.width} x ${sample.height}` : "";
    const kbps = sample?.down_kbps ? `${(sample.down_kbps / 1000).toFixed(1)} Mbit/s` : "";
    $("quality").title = [size, kbps, sample?.fps ? `${Math.round(sample.fps)} pictures a second` : ""].filter(Boolean).join(", ");
  });
}

// Marks and pictures

/** @param {import("./marks.js").MarkEvent} event */
function made(event) {
  call?.say({ type: "marks", events: [event] });
  copy(event);
}

/** @param {any} event */
function copy(event) {
  if (!uncopied.size) setTimeout(copyNow, COPY_MS);
  uncopied.set(event.id, event);
}

function copyNow() {
  const events = [...uncopied.values()];
  uncopied.clear();
  for (let at = 0; at < events.length; at += COPIED_AT_ONCE) {
    socket.tell("marks.copy", { call: id, events: events.slice(at, at + COPIED_AT_ONCE) });
  }
}

/** @param {unknown} events @param {string} [from] a party that says what is its own only */
function takeMarks(events, from = "") {
  if (!Array.isArray(events) || !log) return;
  const kind = call?.view.parties.find((/** @type {any} */ one) => one.id === from)?.kind;
  const fresh = events.filter((event) => (kind !== "guest" || event?.author === from) && log.take(event));
  // The headset has no copy at the server of what it marks; the first expert keeps it.
  for (const event of fresh) if (kind === "headset" && event.author === from) copy(event);
  if (fresh.length) stage.redraw();
}

/** @param {import("./marks.js").MarkEvent | any} pointer */
function pointed(pointer) {
  call?.point(pointer ?? { base: stage.base, x: null, y: null });
}

/** @param {string} party @param {any} message */
function hear(party, message) {
  if (message.type === "marks") takeMarks(message.events, party);
  else if (message.type === "mark") takeMarks([message.event], party);
  else if (message.type === "still.no" && message.id === awaited) {
    stopWaiting();
    say(message.words || "The headset sent no picture.");
  } else if (message.type === "view") {
    const from = call?.view.parties.find((/** @type {any} */ one) => one.id === party);
    if (from?.kind !== "expert") return;
    const picture = pictures.get(message.base);
    if (picture || message.base === LIVE) stage.show(picture ?? null);
    say(`${names.get(party)} shows ${picture?.name ?? "the live picture"}.`);
  }
}

function freeze() {
  const headset = call?.others.find((/** @type {any} */ one) => one.kind === "headset");
  if (awaited) return say("The picture is on its way ...");
  if (!headset?.camera) return say("The headset's camera is off.");
  awaited = newPictureId();
  call?.say({ type: "still.ask", id: awaited }, headset.id);
  $("freeze").setAttribute("aria-busy", "true");
  say("Freezing: the headset sends a picture at full size ...");
  awaitedTimer = window.setTimeout(() => {
    stopWaiting();
    say("The headset sent no picture. Try again.");
  }, STILL_MS);
}

function stopWaiting() {
  clearTimeout(awaitedTimer);
  awaited = "";
  $("freeze").removeAttribute("aria-busy");
  delete $("freeze").dataset.share;
}

function newPictureId() {
  return `p${Math.floor(socket.now()).toString(36)}${crypto.randomUUID().slice(0, 6)}`;
}

/** @param {string} party @param {any} header @param {Blob} blob */
async function received(party, header, blob) {
  if (header.kind === "file") return offer(header, blob, party);
  if (header.kind === "preview" && pictures.get(header.id)?.whole) return;
  if (header.kind === "preview" && header.id !== awaited) return;
  const number = pictures.get(header.id)?.name ?? `Picture ${pictures.size + 1}`;
  const name = header.kind === "page" ? header.name : number;
  // The preview stands for the whole picture: marks are shares of its size.
  await keepPicture(header.id, blob, name, header.kind !== "preview", header);
  if (header.id !== awaited) return refresh();
  lookAt(header.id);
  if (header.kind === "still") {
    stopWaiting();
    say(`${name} is here at full size, ${header.width} x ${header.height}.`);
  }
}

/** A document is shown as a link; the person decides. @param {any} header @param {Blob} blob @param {string} party */
function offer(header, blob, party) {
  const link = element("a", { href: URL.createObjectURL(blob), download: header.name }, header.name);
  const by = names.get(party) ?? "Somebody";
  $("chat").append(element("li", {}, element("p", { class: "from" }, `${by} sent `), element("p", {}, link)));
}

/**
 * @param {string} key @param {Blob} blob @param {string} name @param {boolean} whole
 * @param {{width?: number, height?: number}} [size]
 */
async function keepPicture(key, blob, name, whole, size) {
  const before = pictures.get(key);
  const bitmap = size?.width && size?.height ? null : await createImageBitmap(blob);
  const [width, height] = [size?.width ?? bitmap?.width ?? 1, size?.height ?? bitmap?.height ?? 1];
  bitmap?.close();
  pictures.set(key, { id: key, blob, url: URL.createObjectURL(blob), name, width, height, whole });
  if (before) setTimeout(() => URL.revokeObjectURL(before.url), 1_000);
}

/** Show a picture to everybody. @param {string} base */
function lookAt(base) {
  const again = stage.base === base;
  stage.show(pictures.get(base) ?? null);
  if (!again || base === LIVE) call?.say({ type: "view", base });
  refresh();
}

/** Put an own picture on the stage of everybody. @param {Blob} file @param {string} name */
async function insert(file, name) {
  if (!call?.view.switches.files) return say("This call does without files.");
  try {
    const blob = await asPicture(file);
    const key = newPictureId();
    const about = { id: key, name: name.slice(0, 120) || "Picture", type: blob.type };
    await socket.request("file.offer", {
      call: id,
      file: { ...about, size: blob.size, sha256: await sha256(blob) },
    });
    await keepPicture(key, blob, about.name, true);
    const { width = 1, height = 1 } = pictures.get(key) ?? {};
    say(`Sending ${about.name} ...`);
    await Promise.all(
      [...call.peers.values()].map((peer) => peer.files.send({ ...about, kind: "page", width, height }, blob)),
    );
    lookAt(key);
    say(`Everybody sees ${about.name}.`);
  } catch (error) {
    sayError(error);
  }
}

/** Any picture as one that all sides can show, not larger than needed; what it says beside its pixels is left out. @param {Blob} file */
async function asPicture(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) throw new Error("This file is no picture that can be shown. Insert a PNG or JPEG.");
  const scale = Math.min(1, PAGE_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (context) {
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }
  bitmap.close();
  return canvas.convertToBlob({ type: file.type === "image/png" ? "image/png" : "image/jpeg", quality: 0.9 });
}

// What is shown of the stage's state

function showWhere() {
  const picture = pictures.get(stage.base);
  const off = $("where").dataset.off && !picture;
  $("where").textContent = picture ? picture.name : off ? "The headset's camera is off" : "Live";
  $("where").classList.toggle("is-live", !picture && !off);
}

function refresh() {
  if (!stage) return;
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
  $("freeze").setAttribute("aria-pressed", String(frozen));
  $("freeze").lastElementChild.textContent = frozen ? "Live" : "Freeze";
  const headset = call?.view.parties.find((/** @type {any} */ one) => one.kind === "headset");
  $("freeze").disabled = !frozen && !headset?.camera;
  $("thumb").hidden = !frozen || !headset?.camera;
  $("undo").disabled = !log.canUndo(stage.base);
  $("redo").disabled = !log.canRedo(stage.base);
  $("erase").disabled = !stage.marks.some((mark) => mark.author === log.author);
  showWhere();
  showPictures($("pictures"), pictures.values(), stage.base, (base) => log.marks(base).length);
  showMarks($("mark-list"), stage, names, log.author);
}

// What is clicked and typed

function toggleFreeze() {
  if (stage.base !== LIVE) lookAt(LIVE);
  else freeze();
}

/** @param {string} kind */
async function keep(kind) {
  const all = [...pictures.values()];
  const stamp = new Date(socket.now()).toISOString().slice(0, 16).replace(/[:T]/g, "-");
  const title = call ? $("title").textContent : "Call";
  if (kind === "json") save(asData(log, call?.view, all), `marks-${stamp}.json`);
  else if (kind === "png") {
    const look = { ...stage.size, names };
    save(await flattened(stage.source, stage.marks, look), `picture-${stamp}.png`);
    say("The picture is saved with its marks.");
  } else {
    const about = [call?.view.asset && `Asset ${call.view.asset}`, call?.view.work_order && `Work order ${call.view.work_order}`, new Date(socket.now()).toLocaleString("en-GB")];
    const parts = { title: `Steps from the call with ${title}`, about: about.filter(Boolean).join(" · "), log, names, pictures: all };
    if (await fillSheet($("print"), parts)) window.print();
    else say("No picture has marks yet.");
  }
}

const chooser = new Chooser($("chooser"), (query) => socket.request("experts.list", { call: id, ...(query ? { query } : {}) }));

function handOver() {
  chooser.open("Hand over to", async (to) => {
    await socket.request("call.hand_over", { call: id, to });
    say("Asked. You leave the call when the other expert is connected.");
  });
}

function inviteThird() {
  chooser.open("Invite into this call", async (to) => {
    await socket.request("call.add", { call: id, to });
    say("Asked to join.");
  });
}

async function toggleCamera() {
  await media.setCamera(!media.cameraOn).catch(() => say("The camera cannot be used."));
}

/** @type {Record<string, () => unknown>} */
const CLICKS = {
  answer,
  decline: () => socket.request("call.decline", { call: id, reason: "not-now" }).catch(sayError),
  "hand-over": handOver,
  invite: inviteThird,
  end: () => $("sure").showModal(),
  freeze: toggleFreeze,
  snapshot: () => keep("png"),
  insert: () => $("insert-file").click(),
  undo: () => stage.undo(),
  redo: () => stage.redo(),
  erase: () => stage.erase(),
  smaller: () => stage.zoom(1 / 1.4),
  bigger: () => stage.zoom(1.4),
  fit: () => stage.zoom(0),
  mute: () => media.setMicrophone(!media.microphoneOn),
  camera: toggleCamera,
  thumb: () => lookAt(LIVE),
};
for (const [name, act] of Object.entries(CLICKS)) {
  $(name).addEventListener("click", async () => {
    try {
      await act();
    } catch (error) {
      sayError(error);
    }
  });
}

$("main").addEventListener("click", (/** @type {MouseEvent} */ event) => {
  const at = /** @type {HTMLElement} */ (event.target).closest("[data-tool], [data-colour], [data-keep], [data-picture], [data-choose], [data-remove]");
  if (!(at instanceof HTMLElement)) return;
  const { tool, colour, keep: kept, picture, choose, remove } = at.dataset;
  if (tool) stage.use(tool);
  if (colour) stage.paint(colour);
  if (kept) {
    keep(kept).catch(sayError);
    at.closest("details")?.removeAttribute("open");
  }
  if (picture) lookAt(picture);
  if (choose) {
    stage.use("select");
    stage.choose(choose);
    $("stage").focus();
  }
  if (remove) stage.remove(remove);
});

$("insert-file").addEventListener("change", () => {
  const file = $("insert-file").files[0];
  $("insert-file").value = "";
  if (file) insert(file, file.name);
});
$("sure").addEventListener("close", async () => {
  const wanted = $("sure").returnValue;
  $("sure").returnValue = "";
  try {
    if (wanted === "end") await call?.end();
    else if (wanted === "leave") await call?.leave();
  } catch (error) {
    sayError(error);
  }
});
$("chat-form").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const text = $("chat-text").value.trim();
  if (!text) return;
  try {
    await socket.request("chat.send", { call: id, text });
    $("chat-text").value = "";
  } catch (error) {
    sayError(error);
  }
});
$("chat-text").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("chat-form").requestSubmit();
});

for (const name of ["dragover", "dragleave", "drop"]) {
  $("stage").addEventListener(name, (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    $("stage").classList.toggle("dropping", name === "dragover");
    const file = name === "drop" ? event.dataTransfer?.files[0] : null;
    if (file) insert(file, file.name);
  });
}
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
  if (file && showing === "desk") insert(file, "Pasted picture");
});

/** Keys act while the stage or its tools have the focus, never while something is written. */
$("work").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
  const at = /** @type {HTMLElement} */ (event.target);
  if (at.matches("input, textarea") || event.isComposing) return;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (command && key === "z") event.shiftKey ? stage.redo() : stage.undo();
  else if (command && key === "y") stage.redo();
  else if (command || event.altKey) return;
  else if (key in TOOL_KEYS) stage.use(TOOL_KEYS[/** @type {keyof typeof TOOL_KEYS} */ (key)]);
  else if (/^[1-6]$/.test(key)) stage.paint(["yellow", "sky", "green", "coral", "violet", "white"][Number(key) - 1]);
  else {
    const name = { f: "freeze", s: "snapshot", m: "mute", v: "camera", h: "hand-over", "+": "bigger", "-": "smaller", 0: "fit" }[key];
    if (!name || $(name).hidden || $(name).disabled) return;
    $(name).click();
  }
  event.preventDefault();
});
$("tools").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const buttons = [...$("tools").querySelectorAll("button")].filter((one) => !one.disabled && one.offsetParent);
  const at = buttons.indexOf(document.activeElement);
  if (at < 0) return;
  const next = buttons[(at + (event.key === "ArrowRight" ? 1 : -1) + buttons.length) % buttons.length];
  next.focus();
  if (next.dataset.colour) stage.paint(next.dataset.colour);
  event.preventDefault();
});

const clockTimer = setInterval(() => {
  const started = call?.view.started;
  $("time").hidden = !started || showing !== "desk";
  if (!started) return;
  const seconds = Math.max(0, Math.floor((socket.now() - started) / 1000));
  $("time").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}, 1_000);

window.addEventListener("beforeunload", (event) => {
  if (showing === "desk") event.preventDefault();
});
socket.open();
