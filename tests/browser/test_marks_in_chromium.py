"""Marks as events: whatever order they come in, every side shows the same; checked in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser
ORIGIN = "https://marks.example"

SETUP = """
import { MarkLog, isMarkEvent } from "/marks.js";
import { drawMarks } from "/marks_view.js";
import { Album } from "/album.js";
import { Chat } from "/beside.js";
import { Emitter } from "/emitter.js";
import { renew } from "/page.js";
import { reasonOf } from "/reasons.js";
Object.assign(window, { MarkLog, isMarkEvent, drawMarks, Album, Chat, Emitter, renew, reasonOf });
window.logs = (...authors) => {
  let t = 1000;
  return authors.map((author) => new MarkLog({ call: "c", author, now: () => (t += 1) }));
};
window.arrow = { kind: "arrow", points: [[0.1, 0.1], [0.2, 0.2]], colour: "sky" };
window.shown = (log, base = "s") => JSON.stringify(log.marks(base));
"""

STORM = """(seed) => {
  let state = seed;
  const random = (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  const all = logs("a", "b", "c");
  const sent = all.map(() => []);
  for (let i = 0; i < 60; i += 1) {
    const at = random(3), log = all[at], base = ["s", "t"][random(2)];
    const marks = log.marks(base), some = marks.length ? marks[random(marks.length)].id : "";
    const event = [
      () => log.add(base, arrow),
      () => log.add(base, { kind: "ink", points: [[0.5, 0.5]], colour: "green" }),
      () => log.add(base, { kind: "step", points: [[0.5, 0.5]], colour: "coral", number: log.nextStep(base) }),
      () => log.append(some, [[0.6, 0.6]]),
      () => log.move(some, 0.01, 0),
      () => log.remove(some),
      () => log.erase(base),
      () => log.undo(base),
      () => log.redo(base),
    ][random(9)]();
    if (event) for (const [other, queue] of sent.entries()) if (other !== at) queue.push(event);
    // Everybody takes what came in any order, some of it twice.
    const who = random(3), queue = sent[who];
    for (let n = random(4); n > 0 && queue.length; n -= 1) {
      const [event] = queue.splice(random(queue.length), 1);
      all[who].take(structuredClone(event));
      if (random(4) === 0 && all[who].take(event)) return "taken twice";
    }
  }
  for (const [at, queue] of sent.entries()) for (const event of queue.reverse()) all[at].take(event);
  for (const base of ["s", "t"]) {
    if (new Set(all.map((log) => shown(log, base))).size !== 1) return `they differ on ${base}`;
  }
  return all[0].events.length ? "" : "nothing was done";
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    folder = files("holofleet.web.assist").joinpath("static")

    def fill(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name == "setup.js":
            route.fulfill(body=SETUP, content_type="text/javascript")
        elif name.endswith(".js"):
            route.fulfill(body=folder.joinpath(name).read_bytes(), content_type="text/javascript")
        else:
            html = '<!doctype html><script type="module" src="/setup.js"></script><svg id="svg"></svg>'
            route.fulfill(body=html, content_type="text/html")

    context = chromium.new_context()
    context.route(ORIGIN + "/*", fill)
    made = context.new_page()
    made.goto(ORIGIN + "/page")
    made.wait_for_function("window.drawMarks !== undefined")
    yield made
    context.close()


def test_whatever_order_events_come_in_every_side_shows_the_same_marks(page: Page) -> None:
    for seed in range(1, 41):
        assert page.evaluate(STORM, seed) == "", f"seed {seed}"


def test_undo_takes_back_the_last_own_act_and_redo_puts_it_back_until_something_else_is_done(page: Page) -> None:
    counts = page.evaluate(
        """() => {
          const [a, b] = logs("a", "b");
          const count = (act) => (b.take(act), b.marks("s").length);
          const found = [count(a.add("s", arrow)), count(a.add("s", arrow))];
          found.push(count(a.undo("s")), count(a.redo("s")));
          found.push(count(a.erase("s")), count(a.undo("s")), count(a.undo("s")), count(a.add("s", arrow)));
          found.push(a.redo("s") === null, b.undo("s") === null, b.erase("s") === null);
          return found;
        }"""
    )
    assert counts == [1, 2, 1, 2, 0, 2, 1, 2, True, True, True]


def test_nobody_changes_a_mark_of_somebody_else_whatever_their_page_sends(page: Page) -> None:
    left = page.evaluate(
        """() => {
          const [a, b] = logs("a", "b");
          const mark = a.add("s", arrow);
          const head = { ...mark, mark: undefined, target: mark.id, author: "b", seq: 1, t: 9000 };
          const forged = (op, more) => ({ ...head, id: op.replace(".", ""), op, ...more });
          for (const [op, more] of [["mark.remove", {}], ["mark.move", { by: [0.5, 0.5] }], ["undo", {}]]) {
            if (!a.take(forged(op, more))) return "not taken";
          }
          return a.marks("s").map((one) => one.points);
        }"""
    )
    assert left == [[[0.1, 0.1], [0.2, 0.2]]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": 2},
        {"call": "other"},
        {"id": "<b>"},
        {"id": "x" * 27},
        {"seq": 0},
        {"t": None},
        {"base": "../x"},
        {"op": "constructor"},
        {"mark": {"kind": "toString", "points": [[0, 0]], "colour": "sky"}},
        {"mark": {"kind": "arrow", "points": [[0, 0]], "colour": "sky"}},
        {"mark": {"kind": "arrow", "points": [[0, 0], [9, 9]], "colour": "sky"}},
        {"mark": {"kind": "arrow", "points": [[0, 0], [0, 1]], "colour": "url(#x)"}},
        {"mark": {"kind": "text", "points": [[0, 0]], "colour": "sky", "text": " "}},
        {"mark": {"kind": "text", "points": [[0, 0]], "colour": "sky", "text": "x" * 201}},
        {"mark": {"kind": "step", "points": [[0, 0]], "colour": "sky", "number": 1.5}},
        {"mark": {"kind": "ink", "points": [[0, 0]] * 5001, "colour": "sky"}},
    ],
    ids=repr,
)
def test_what_is_no_event_of_this_call_is_not_taken(page: Page, wrong: dict[str, Any]) -> None:
    taken = page.evaluate(
        "(wrong) => { const [a, b] = logs('a', 'b'); return b.take({ ...a.add('s', arrow), ...wrong }); }", wrong
    )
    assert taken is False


def test_words_in_a_mark_are_words_and_the_picture_says_what_is_on_it(page: Page) -> None:
    drawn = page.evaluate(
        """() => {
          const [a] = logs("a");
          a.add("s", { kind: "step", points: [[0.5, 0.5]], colour: "yellow", number: 1, text: "<img src=x>&" });
          const svg = document.getElementById("svg");
          drawMarks(svg, a.marks("s"), { width: 1920, height: 1080, names: new Map([["a", "Megan Bowen"]]) });
          return [svg.getAttribute("aria-label"), svg.querySelector("img") === null, svg.textContent];
        }"""
    )
    assert drawn == ["1 mark: step 1: <img src=x>&, by Megan Bowen", True, "1<img src=x>&MB"]


def test_a_picture_takes_two_hundred_marks_and_says_when_it_is_full(page: Page) -> None:
    found = page.evaluate(
        """() => {
          const [a] = logs("a");
          for (let i = 0; i < 199; i += 1) a.add("s", arrow);
          const before = a.isFull("s");
          a.add("s", arrow);
          return [before, a.isFull("s"), a.isFull("t"), a.marks("s").length];
        }"""
    )
    assert found == [False, True, False, 200]


def test_what_the_log_says_of_a_picture_is_said_once_and_never_taken_back(page: Page) -> None:
    found = page.evaluate(
        """() => {
          const [a, b] = logs("a", "b");
          const picture = { name: "Picture 1", width: 1600, height: 1200 };
          const event = a.lay("s", picture);
          const taken = [b.take(event), b.take({ ...event, id: "x", picture: { ...picture, width: 0 } })];
          return [...taken, b.lay("s", picture), a.canUndo("s"), b.picture("s"), b.marks("s").length];
        }"""
    )
    assert found == [True, False, None, False, {"name": "Picture 1", "width": 1600, "height": 1200}, 0]


def test_a_page_holds_a_bounded_number_of_pictures_and_lets_go_of_one_without_marks_first(page: Page) -> None:
    left = page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(32, 18);
          canvas.getContext("2d").fillRect(0, 0, 9, 9);
          const blob = await canvas.convertToBlob({ type: "image/png" });
          const call = new Emitter();
          const seats = ["expert m", "headset h"].map((one) => {
            const [kind, id] = one.split(" ");
            return { id, kind, state: "joined" };
          });
          const party = (id) => seats.find((one) => one.id === id);
          Object.assign(call, { view: { parties: seats }, me: "m", peers: new Map(), party });
          const said = [];
          const album = new Album(call, { names: new Map(), marked: (id) => id === "p1", told: () => null });
          album.on("say", (words) => said.push(words));
          for (let i = 1; i <= 61; i += 1) {
            const header = { id: `p${i}`, kind: "still", name: "still.jpg", width: 32, height: 18 };
            const kept = new Promise((resolve) => album.on("change", resolve));
            call.emit("file", { party: "h", header, blob });
            await kept;
          }
          const there = ["p1", "p2"].map((id) => Boolean(album.get(id)));
          return [album.all.length, ...there, album.get("p61").name, said];
        }"""
    )
    gone = "Picture 2 was let go: a page holds 60 pictures or 250 MB."
    assert left == [60, True, False, "Picture 61", [gone]]


def test_a_list_that_is_shown_again_keeps_its_rows_and_the_focus(page: Page) -> None:
    kept = page.evaluate(
        """() => {
          const list = document.createElement("ul");
          document.body.append(list);
          const show = (words) => renew(list, words, (one) => one, (one, row) => {
            const made = row ?? document.createElement("li");
            if (!row) made.append(Object.assign(document.createElement("button"), { textContent: one }));
            return made;
          });
          show(["a", "b", "c"]);
          list.children[1].firstElementChild.focus();
          show(["z", "b", "d"]);
          const found = [list.textContent, document.activeElement.textContent];
          list.remove();
          return found;
        }"""
    )
    assert kept == ["zbd", "b"]


def test_a_long_chat_keeps_its_newest_lines(page: Page) -> None:
    found = page.evaluate(
        """() => {
          const list = document.createElement("ol");
          document.body.append(list);
          const chat = new Chat(list, new Map([["h", "Isaiah"]]));
          for (let i = 1; i <= 510; i += 1) chat.add({ from: "h", text: `line ${i}`, t: 0 }, "m");
          const texts = [list.childElementCount, list.firstElementChild.lastElementChild.textContent];
          list.remove();
          return texts;
        }"""
    )
    assert found == [500, "line 11"]


@pytest.mark.parametrize(
    ("grade", "sample", "step", "words"),
    [
        ("optimal", {"rtt_ms": 20}, 0, ""),
        ("reduced", {"loss": 0.042, "rtt_ms": 400}, 2, "4 % of the packets are lost"),
        ("reduced", {"rtt_ms": 421.4}, 0, "an answer takes 421 ms"),
        ("stills", {}, 7, "the headset's network carries single pictures"),
        ("none", {}, 0, "trying again"),
    ],
)
def test_a_picture_that_is_no_better_says_why(
    page: Page, grade: str, sample: dict[str, float], step: int, words: str
) -> None:
    assert (
        page.evaluate("([grade, sample, step]) => reasonOf(grade, sample, step)", [grade, sample, step]) == words
    )
