"""Chromium against the console over TLS, with a fleet in every state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.assist_world import CHROMIUM, WAIT_MS, camera_browser
from tests.console_world import ConsoleWorld, Demo, console_world
from tests.fake_camera import Camera
from tests.served_console import served

from holofleet.server.access import COOKIE_NAME

Opener = Callable[..., Page]
expect.set_options(timeout=WAIT_MS)  # a machine that is busy is slow; what is wrong fails all the same


def _expected(text: str) -> bool:
    """Chromium notes the status of a form that was sent back as an error of its own."""
    return "status of 422" in text


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start Chromium for one file only: while Playwright runs, this thread has an event loop of its own.

    A file that names a :class:`tests.fake_camera.Camera` as ``CAMERA`` gets one that has this camera.
    """
    camera: Camera | None = getattr(request.module, "CAMERA", None)
    with sync_playwright() as playwright:
        if camera is None:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        else:
            browser = camera_browser(playwright, camera.write(tmp_path_factory.mktemp("camera") / "camera.y4m"))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path_factory.mktemp("browser")) as made:
        made.every_state()
        yield made


@pytest.fixture(scope="module")
def origin(world: ConsoleWorld) -> Iterator[str]:
    with served(world.app(Demo(world))) as address:
        yield address


@pytest.fixture
def open_page(chromium: Browser, world: ConsoleWorld, origin: str) -> Iterator[Opener]:
    """Give a function that opens a page; the test fails on any error, warning or policy report of the browser."""
    contexts: list[Any] = []
    noise: list[str] = []

    def opened(
        path: str = "/", *, width: int = 1440, theme: str = "light", script: bool = True, signed_in: bool = True
    ) -> Page:
        context = chromium.new_context(
            ignore_https_errors=True,
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        if signed_in:
            cookie = {"name": COOKIE_NAME, "value": world.sign_in(), "url": origin, "secure": True}
            context.add_cookies([{**cookie, "httpOnly": True}])  # type: ignore[typeddict-item]
        page = context.new_page()
        page.on("console", lambda message: None if _expected(message.text) else noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.goto(origin + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert noise == []
