// @ts-check
/** Whether a call is recorded, on an expert's page: asking for it, being asked, and what is sent, always in words. */
import { $, say, write } from "./page.js";
import { Recorder } from "./recorder.js";
import { onClicks } from "./toolbar.js";

/** @typedef {import("./desk.js").Desk} Desk */

/** Why the server stops a recording. @type {Record<string, string>} */
const STOPPED = {
  disk: "The server's disk is almost full, so the recording was stopped. The call goes on.",
  quota: "There is no room left for recordings of this client, so it was stopped. The call goes on.",
  "too-long": "A recording ends after four hours. Begin another one if it is needed.",
  "assist.recording": "The rules of the fleet do not allow it any more, so the recording was stopped.",
};

/** @param {Desk} desk */
export function join(desk) {
  const { call, socket } = desk;
  /** @type {Recorder | null} */
  let recorder = null;
  let state = "none";
  let failed = "";

  onClicks({
    record: async () => {
      failed = "";
      if (state === "none") {
        await socket.request("record.ask", { call: call.id });
        say("Everybody is asked. Nothing is recorded before all have agreed.");
      } else {
        const ending = recorder?.finish();
        await ending;
        await socket.request("record.stop", { call: call.id });
      }
    },
    "record-yes": () => socket.request("record.answer", { call: call.id, agree: true }),
    "record-no": async () => {
      say("The server is told that you do not want it ...");
      try {
        await socket.request("record.answer", { call: call.id, agree: false });
        say("");
      } catch {
        say("The server did not hear your no. End the call to be sure.");
      }
    },
  });
  socket.on("record.state", (message) => {
    if (message.call === call.id && message.why) say(STOPPED[message.why] ?? "The recording was stopped.");
  });
  desk.on("view", (view) => {
    if (view.state === "ended") return recorder?.stop();
    const { by, answers } = view.recording;
    const before = state;
    state = view.recording.state;
    if (state === "on" && before !== "on") say("");
    if (state !== "on") recorder?.stop();
    else if (by === view.me && !recorder && !failed) begin();
    if (state === "none" && before !== "none") failed = "";
    const mine = by === view.me;
    const joined = desk.seat?.state === "joined";
    $("record").hidden = !view.switches.recording || !joined || (state !== "none" && !mine);
    $("record").setAttribute("aria-pressed", String(state !== "none"));
    write($("record").lastElementChild, state === "none" ? "Record" : state === "on" ? "Stop recording" : "Do not record");
    showAsked(view, state !== "none" && !mine, answers[view.me] === true);
    show();
  });
  desk.on("ended", () => recorder?.stop());

  async function begin() {
    const made = new Recorder(desk);
    recorder = made;
    made.on("change", show);
    made.on("over", ({ words }) => {
      if (recorder === made) recorder = null;
      if (words) {
        failed = words;
        say(words);
        // Nobody shall believe that they are recorded when they are not.
        socket.request("record.stop", { call: call.id }).catch(() => {});
      }
      show();
    });
    try {
      await made.start();
    } catch (error) {
      recorder = null;
      made.stop();
      failed = error instanceof Error ? error.message : "It cannot be recorded now.";
      say(failed);
      socket.request("record.stop", { call: call.id }).catch(() => {});
    }
  }

  /** @param {any} view @param {boolean} asked @param {boolean} agreed */
  function showAsked(view, asked, agreed) {
    $("record-asked").hidden = !asked;
    if (!asked) return;
    const name = desk.names.get(view.recording.by) ?? "Somebody";
    const words = view.recording.words ?? {};
    const told = agreed ? `You agreed that ${name} records this call.` : `May ${name} record this call?`;
    write($("record-title"), told);
    write($("record-words"), (agreed ? [words.stop] : [words.what, words.kept, words.stop]).filter(Boolean).join(". "));
    $("record-yes").hidden = agreed;
    write($("record-no"), agreed ? "Stop recording" : "No recording");
  }

  function show() {
    const on = state === "on";
    const icon = $("recording").querySelector("use");
    icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, state === "none" ? "#norec" : "#live"));
    $("recording").className = `tag ${state === "none" ? "" : "hot"}`;
    write($("recording").lastElementChild, on ? running() : state === "asked" ? "Recording is asked for" : "Not recorded");
  }

  function running() {
    if (!recorder) return "Recorded";
    const { seconds, unsent } = recorder;
    const time = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
    if (recorder.isLate) return `Recording ${time}, the server does not answer: ${(unsent / 1048576).toFixed(1)} MB wait`;
    return unsent > 1048576 ? `Recording ${time}, ${(unsent / 1048576).toFixed(1)} MB not yet sent` : `Recording ${time}`;
  }
}
