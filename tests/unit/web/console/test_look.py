"""What can be checked of the look without a browser: contrast from the tokens, no inline style or script."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

import pytest

from holofleet.web.console.assets import HTMX, HTMX_SHA256, assets, read_static

TEXTS, SOFTS = ("text", "text-2", "text-3"), ("page", "surface", "sunken")
STATES = ("compliant", "pending", "drifted", "refused", "late", "quarantined", "retired")
TEMPLATES = {
    str(path.name): path.read_text()
    for folder in ("templates", "templates/regions")
    for path in files("holofleet.web.console").joinpath(*folder.split("/")).iterdir()
    if path.name.endswith(".html")
}


def tokens() -> dict[str, tuple[str, str]]:
    text = read_static("tokens.css").decode()
    pairs = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", text)
    return {name: (light, dark) for name, light, dark in pairs}


def luminance(colour: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs() -> list[tuple[str, str, float]]:
    found = [(text, ground, 4.5) for text in TEXTS for ground in SOFTS]
    found += [(state, ground, 4.5) for state in STATES for ground in ("surface", "sunken", f"{state}-soft")]
    found += [(f"{state}-fill", "surface", 3.0) for state in (*STATES, "expected") if state != "expected"]
    found += [("accent", "surface", 4.5), ("on-accent", "accent", 4.5), ("line-strong", "surface", 3.0)]
    found += [("text", f"{state}-soft", 4.5) for state in STATES]
    return [*found, ("text", "accent-soft", 4.5), ("accent", "accent-soft", 4.5), ("danger", "surface", 4.5)]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), pairs())
def test_contrast_is_enough_in_both_themes(front: str, ground: str, least: float, theme: int) -> None:
    known = tokens()
    assert contrast(known[front][theme], known[ground][theme]) >= least


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_templates_have_no_inline_style_script_or_handler(name: str) -> None:
    text = TEMPLATES[name]
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|js:", text), name
    for script in re.findall(r"<script[^>]*>([^<]*)</script>", text):
        assert not script.strip(), name
    assert "|safe" not in text, name


def test_every_icon_that_is_shown_is_in_the_sprite() -> None:
    sprite = read_static("icons.svg").decode()
    used = {icon for text in TEMPLATES.values() for icon in re.findall(r'p\.icon\("([a-z-]+)"', text)}
    assert used
    for icon in used:
        assert f'id="{icon}"' in sprite, icon


@pytest.mark.parametrize("name", sorted(HTMX_SHA256))
def test_htmx_is_the_file_that_was_published(name: str) -> None:
    assert hashlib.sha256(read_static(f"{HTMX}/{name}")).hexdigest() == HTMX_SHA256[name]


def test_the_license_of_htmx_stands_beside_it() -> None:
    assert read_static(f"{HTMX}/LICENSE").startswith(b"Zero-Clause BSD")


def test_our_own_files_name_no_other_origin() -> None:
    for name, asset in assets().items():
        if name in HTMX_SHA256:
            continue
        text = asset.content.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|url\(", text), name
