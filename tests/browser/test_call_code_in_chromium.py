"""The short code of a call against somebody in between who controls the server and can compute (SECURITY D5).

The pages' own module runs in Chromium; the man in the middle is here, with a certificate of his own towards each
side and everything that the protocol shows him.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Route
from tests.assist_world import CHROMIUM
from tests.served_console import served

from holofleet.web.assist.assets import asset_route, assist_asset_url

_SETTING = """async ([address]) => {
  const { CodeExchange, commitment, shortCode, hex } = await import(address);
  const random = () => hex(crypto.getRandomValues(new Uint8Array(32)));
  const call = "0123456789abcdef", alice = random(), bob = random(), toAlice = random(), toBob = random();
  /** A side as the page makes it, whose words go into a list. */
  const side = (own, other) => {
    const said = [];
    return { said, exchange: new CodeExchange({ call, own, other, say: (message) => said.push(message) }) };
  };
  const failure = (work) => work.then((code) => code, (error) => "refused: " + error.message);
  return (%s)();
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    async def blank(request: Any) -> Any:
        from starlette.responses import HTMLResponse

        return HTMLResponse("<!doctype html><title>code</title>")

    app = Starlette(routes=[Route("/", blank), asset_route()])
    with served(app) as origin, sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_context(ignore_https_errors=True).new_page()
        opened.goto(origin)
        yield opened
        browser.close()


def run(page: Page, script: str) -> Any:
    return page.evaluate(_SETTING % script, [assist_asset_url("safety.js")])


@pytest.mark.browser
def test_D5_two_sides_without_anybody_between_read_the_same_six_digits(page: Page) -> None:
    codes = run(
        page,
        """async () => {
          const codes = [];
          for (let i = 0; i < 50; i += 1) {
            const a = side(alice, bob), b = side(bob, alice);
            await Promise.all([a.exchange.begin(), b.exchange.begin()]);
            await a.exchange.take(b.said[0]);
            await b.exchange.take(a.said[0]);
            codes.push([await a.exchange.take(b.said[1]), await b.exchange.take(a.said[1])]);
          }
          return codes;
        }""",
    )
    assert all(mine == theirs and len(mine) == 6 and mine.isdigit() for mine, theirs in codes)
    assert len({mine for mine, _ in codes}) > 45


@pytest.mark.browser
def test_D5_grinding_finds_a_pair_of_numbers_that_match_and_it_is_too_late(page: Page) -> None:
    found = run(
        page,
        """async () => {
          // He has talked to both sides and knows both numbers, as no order of the protocol lets him in time.
          const a = side(alice, toAlice), b = side(bob, toBob);
          await Promise.all([a.exchange.begin(), b.exchange.begin()]);
          const [first, second] = [random(), random()];
          await a.exchange.take({ type: "safety.commit", hash: await commitment(toAlice, first) });
          await b.exchange.take({ type: "safety.commit", hash: await commitment(toBob, second) });
          const [hers, his] = [a.said[1].nonce, b.said[1].nonce];
          // Some thousand numbers for each leg: enough to find two of which both read the same digits.
          const seen = new Map();
          let match = null;
          for (let i = 0; i < 4000 && !match; i += 1) {
            const [one, other] = [random(), random()];
            const leg = (own, nonce, his, tried) =>
              shortCode(call, { fingerprint: own, nonce }, { fingerprint: his, nonce: tried });
            const left = await leg(alice, hers, toAlice, one);
            const right = await leg(bob, his, toBob, other);
            seen.set("a" + left, one);
            seen.set("b" + right, other);
            if (seen.has("b" + left)) match = [one, seen.get("b" + left)];
            if (seen.has("a" + right)) match = [seen.get("a" + right), other];
          }
          if (!match) return { match };
          return { match, answers: [
            await failure(a.exchange.take({ type: "safety.reveal", nonce: match[0] })),
            await failure(b.exchange.take({ type: "safety.reveal", nonce: match[1] })),
          ] };
        }""",
    )
    assert found["match"], "codes of six digits are found in some thousand tries: the attack is real"
    assert found["answers"] == ["refused: showed another number"] * 2


@pytest.mark.browser
def test_D5_nobody_is_shown_a_number_before_promising_one(page: Page) -> None:
    said, refused = run(
        page,
        """async () => {
          const a = side(alice, toAlice);
          await a.exchange.begin();
          const refused = await failure(a.exchange.take({ type: "safety.reveal", nonce: random() }));
          return [a.said.map((one) => one.type), refused];
        }""",
    )
    assert said == ["safety.commit"]
    assert refused == "refused: showed a number that it had not promised"


@pytest.mark.browser
def test_D5_a_promise_is_bound_to_a_certificate_and_made_once(page: Page) -> None:
    answers = run(
        page,
        """async () => {
          // Bob's own promise passed on over the other leg; Alice's own sent back to her; a second promise.
          const nonce = random();
          const passed = side(alice, toAlice);
          await passed.exchange.take({ type: "safety.commit", hash: await commitment(bob, nonce) });
          const mirror = side(alice, alice);
          const twice = side(alice, toAlice);
          const promise = { type: "safety.commit", hash: await commitment(toAlice, nonce) };
          await twice.exchange.take(promise);
          return [
            await failure(passed.exchange.take({ type: "safety.reveal", nonce })),
            await failure(mirror.exchange.take(promise)),
            await failure(twice.exchange.take(promise)),
            await failure(side(alice, bob).exchange.take({ type: "marks", events: [] })),
          ];
        }""",
    )
    assert answers == [
        "refused: showed another number",
        "refused: has our own certificate",
        "refused: promised twice, or nothing",
        "refused: said something else before the code",
    ]
