"""The page in a real browser: it shows the light, moves the show, and comes back after every cut."""

from __future__ import annotations

import base64
import io
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facade.core.clock import RealClock
from facade.core.color import srgb_to_linear
from facade.core.health import InputHealth, State
from facade.gpu.context import GpuContext
from facade.simulator.street import StreetView
from facade.web import Server, bind_page
from tests.support.chromium import Browser, browser
from tests.support.pages import FakeHub
from tests.support.running import Receiver, RunningShow, free_port, is_lit, show_at, venue_at, wait_until

PHONE, DESK = (360, 740), (1280, 800)
CALM = {"media": "", "features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(scope="module")
def bound() -> Iterator[socket.socket]:
    """The port outlives its servers, as under a parent process that keeps it."""
    with bind_page("127.0.0.1", 0) as kept:
        yield kept


def serve(hub: FakeHub, bound: socket.socket) -> Server:
    handed = os.dup(bound.fileno())
    server = Server(hub, host="127.0.0.1", bound=handed, password=None, clock=RealClock())
    server.start()
    return server


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def page(tab: Browser, hub: FakeHub, bound: socket.socket) -> Iterator[Browser]:
    """The page, open and drawing, on a desk-sized screen."""
    hub.show((0, 0, 0))
    server = serve(hub, bound)
    tab.cdp("Emulation.setEmulatedMedia", CALM)
    tab.resize(*DESK)
    tab.open(f"{server.url}?probe")
    tab.wait_for("return window.facadeStage?.drawn === 1", what="the first light", timeout_s=40.0)
    tab.wait_for("return document.querySelectorAll('.cue').length === 3", what="the cues")
    yield tab
    errors = [line for line in tab.console() if "WebSocket connection" not in line and "ERR_CONNECTION" not in line]
    server.stop()
    assert errors == []


def picture(tab: Browser, hub: FakeHub) -> np.ndarray:
    """The street canvas once it has drawn the hub's newest light, (H, W, 3)."""
    tab.wait_for("return facadeStage.drawn === arguments[0] && facadeStage.street.ready", hub.seq)
    url = tab.run("return document.querySelector('#street').toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))


def place(hub: FakeHub, image: np.ndarray, pixel: int) -> tuple[int, int]:
    """Where a window's glass lies on the canvas: left of its bar, below its transom."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = hub.scene.frame(width / height)
    x, y = hub.scene.quads[pixel, 0] - 0.3, hub.scene.quads[pixel, 1] - 0.2
    return int((y1 - y) / (y1 - y0) * height), int((x - x0) / (x1 - x0) * width)


def text(tab: Browser, css: str) -> str:
    return str(tab.run("return document.querySelector(arguments[0]).textContent", css))


def test_the_facade_lights_up_where_and_when_the_light_changes(page: Browser, hub: FakeHub):
    dark = picture(page, hub)
    light = np.zeros((18, 3), dtype=np.uint8)
    light[2] = (0, 255, 0)
    hub.show(light)
    lit = picture(page, hub)

    row, column = place(hub, lit, 2)
    assert lit[row, column, 1] > 150
    assert dark[row, column, 1] < 60
    row, column = place(hub, lit, 12)
    assert abs(lit[row, column].astype(int) - dark[row, column]).max() < 40
    page.wait_for("return document.querySelector('#street').ariaLabel.includes('green')", what="the picture in words")


def test_the_page_shows_who_is_there_and_how_loud_it_is(page: Browser, hub: FakeHub):
    guests = '[data-address="/piece/ember/guests"]'
    assert text(page, f"{guests} output") == "nobody"
    hub.values["/piece/ember/guests"] = [7.0, 0.25, 1.0, 3.0, 8.0, 0.5, 0.0, 0.1]
    hub.inputs = [InputHealth("mic", "audio", "a mixer", State.LIVE)]
    hub.levels = {"mic": 0.4}
    page.wait_for(f"return document.querySelectorAll('{guests} .spot').length === 2", what="two guests")
    assert text(page, f"{guests} output") == "2 of at most 4"
    assert page.run(f"return document.querySelector('{guests} .spot').style.cssText") == "left: 25%; top: 0%;"
    page.wait_for("return document.querySelector('meter')?.value === 0.4", what="the level")


def test_browser_and_command_line_draw_the_same_picture(page: Browser, hub: FakeHub):
    rgb = np.random.default_rng(4).integers(0, 255, (18, 3), dtype=np.uint8)
    page.run("facadeStage.street.scale = 0.5")
    hub.show(rgb)
    theirs = picture(page, hub).astype(float)

    gpu = GpuContext.standalone()
    view = StreetView(gpu, hub.scene, size_px=(theirs.shape[1], theirs.shape[0]))
    ours = view.render(srgb_to_linear(rgb / 255), 8.0).astype(float)
    view.release()
    gpu.release()

    assert np.abs(theirs - ours).mean() < 2.0
    assert np.percentile(np.abs(theirs - ours), 99) < 16


def test_dragging_a_slider_sends_its_value_and_only_the_hands_word_counts(page: Browser, hub: FakeHub):
    slider = "[data-address='/piece/ember/warmth'] input"
    hub.echo = False  # the show keeps saying 0.5
    page.drag(slider, start=(0.5, 0.5), stop=(0.8, 0.5))

    def sent() -> list[float]:
        return [args[0] for address, args in list(hub.posts) if address == "/piece/ember/warmth"]

    wait_until(lambda: sent()[-1:] == [pytest.approx(0.8, abs=0.06)], what="the last place of the hand")
    assert 1 <= len(sent()) <= 30
    assert sorted(sent()) == sent()
    # Some time later the show's own value is believed again.
    page.wait_for("return Math.abs(document.querySelector(arguments[0]).value - 0.5) < 0.01", slider)


def test_every_kind_of_control_says_what_it_is_set_to(page: Browser, hub: FakeHub):
    page.click("[data-address='/piece/ember/mirror'] button")
    page.click("[data-address='/piece/ember/flare'] button")
    page.click("[data-address='/piece/ember/shape'] label:nth-child(3) input")
    page.drag("[data-address='/piece/ember/center'] .pad", start=(0.5, 0.5), stop=(0.75, 0.25))
    page.run(
        "const i = document.querySelector(\"[data-address='/piece/ember/tint'] input\");"
        "i.value = '#0080ff'; i.dispatchEvent(new Event('input'))"
    )
    page.run(
        "const i = document.querySelector(\"[data-address='/piece/ember/sparks'] input\");"
        "i.value = 9; i.dispatchEvent(new Event('input'))"
    )
    wait_until(lambda: dict(hub.posts).get("/piece/ember/sparks") == (9,), what="the last control's word")

    last: dict[str, tuple[Any, ...]] = dict(hub.posts)
    assert last["/piece/ember/mirror"] == (True,)
    assert last["/piece/ember/flare"] == ()
    assert last["/piece/ember/shape"] == ("bars",)
    assert last["/piece/ember/center"] == pytest.approx((0.75, 0.75), abs=0.02)
    assert last["/piece/ember/tint"] == ("#0080ff",)
    assert last["/piece/ember/sparks"] == (9,)


def test_words_are_sent_when_they_are_written_not_while(page: Browser, hub: FakeHub):
    field = "[data-address='/piece/ember/line'] input"
    page.type(field, ", Bruxelles! Ça va?")
    assert not [args for address, args in hub.posts if address == "/piece/ember/line"]
    page.type(field, "\ue007")  # Enter
    wait_until(lambda: any(address == "/piece/ember/line" for address, _ in hub.posts), what="the words")

    assert [args for address, args in hub.posts if address == "/piece/ember/line"] == [("Bonsoir, Bruxelles! ",)]
    # What somebody else writes is shown, but not under the hand that writes.
    page.run("document.activeElement.blur()")
    hub.values["/piece/ember/line"] = "Bonne nuit"
    page.wait_for("return document.querySelector(arguments[0]).value === 'Bonne nuit'", field)


def test_cues_master_and_blackout_answer_to_mouse_and_keys(page: Browser, hub: FakeHub):
    page.click("#go")
    page.click("#hold")
    page.click(".cue-list li:nth-child(2) button")
    page.run("document.querySelector('#blackout').focus()")
    page.keys("\ue007")
    page.run("document.querySelector('#master').focus()")
    page.keys("\ue010")
    wait_until(lambda: ("/blackout", (True,)) in hub.posts, what="the blackout")

    assert ("/show/go", ()) in hub.posts
    assert ("/show/hold", (True,)) in hub.posts
    assert ("/show/cue", ("tide",)) in hub.posts
    assert ("/blackout", (True,)) in hub.posts
    hub.blackout = True
    page.wait_for("return document.querySelector('#blackout').ariaPressed === 'true'")


def test_a_piece_in_quarantine_is_shown_with_a_button_that_lets_it_try_again(page: Browser, hub: FakeHub):
    hub.quarantined = {"tide": "took the renderer down 3 times in ten minutes"}
    page.wait_for("return document.querySelector('#health-rows .action') !== null")
    assert "It took the renderer down 3 times in ten minutes. Its fallback is shown." in text(page, "#health-rows")
    page.run("document.querySelector('#health-rows .action').click()")
    wait_until(lambda: ("/show/release", ("tide",)) in hub.posts, what="the release")
    # The cue that plays it says so too.
    assert text(page, ".cue.kept .badge") == "quarantine"
    hub.quarantined = {}
    page.wait_for("return document.querySelector('#health-rows .action') === null")


def test_keys_go_back_hold_and_jump(page: Browser, hub: FakeHub):
    page.run("document.activeElement.blur()")
    page.keys("gbh3")
    wait_until(lambda: ("/show/cue", ("night",)) in hub.posts, what="the jump")
    sent = [post for post in hub.posts if post[0].startswith("/show/")]
    assert sent == [("/show/go", ()), ("/show/back", ()), ("/show/hold", (True,)), ("/show/cue", ("night",))]


def test_a_cue_says_how_it_comes_and_a_filter_stands_with_its_layer(page: Browser, hub: FakeHub):
    assert "Tide through Ember · 2\u00a0s sweep" in text(page, ".cue-list li:nth-child(3)")
    assert "4\u00a0s fade, 60\u00a0s" in text(page, ".cue-list li:nth-child(1)")
    hub.air = hub.air | {"cue": "night", "pieces": ["tide", "ember"]}  # type: ignore[assignment]
    page.wait_for("return document.querySelectorAll('#pieces article').length === 2")
    assert page.run("return [...document.querySelectorAll('#pieces h3')].map((h) => h.textContent)") == [
        "Ember",
        "Tide",
    ]
    assert "filter" in text(page, "#pieces article:first-child header")
    assert "filter" not in text(page, "#pieces article:last-child header")


def test_what_is_on_air_and_how_it_feels_is_shown_in_words(page: Browser, hub: FakeHub):
    hub.air = hub.air | {"cue": "tide", "next_cue": "night", "progress": 0.25, "pieces": ["tide"]}  # type: ignore[assignment]
    page.wait_for("return document.querySelector('.cue[aria-current=true]')?.textContent.includes('25 %')")
    assert "Next: Night" in text(page, "#cue-line")
    assert "Swell" in text(page, "#pieces")
    assert "Warmth" not in text(page, "#pieces")
    assert "not found" in text(page, "#health-rows")
    assert "1 to look at" in text(page, "#verdict")


def test_a_refused_change_is_told_where_the_hand_is(page: Browser, hub: FakeHub):
    hub.refusal = "/piece/ember/mirror true: the show is locked. Ask the operator."
    page.click("[data-address='/piece/ember/mirror'] button")
    page.wait_for("return !document.querySelector('#message').hidden")
    assert text(page, "#message") == hub.refusal
    assert page.run(
        "return document.querySelector(\"[data-address='/piece/ember/mirror']\").classList.contains('refused')"
    )


def test_a_restarted_server_is_found_again_without_a_hand(tab: Browser, hub: FakeHub, bound: socket.socket):
    hub.show((255, 0, 0))
    server = serve(hub, bound)
    tab.open(f"{server.url}?probe")
    tab.wait_for("return window.facadeStage?.drawn > 0 && !document.querySelector('#go').disabled")
    server.stop()
    tab.wait_for("return !document.querySelector('#lost').hidden", what="the banner")
    tab.wait_for("return document.querySelector('#lost-age').textContent.includes('Last answer')")
    assert tab.run("return document.querySelector('#go').disabled") is True
    assert tab.run("return getComputedStyle(document.querySelector('#verdict')).visibility") == "hidden"
    hub.show((0, 0, 255))
    hub.air["cue"] = "night"
    again = serve(hub, bound)
    try:
        tab.wait_for("return document.querySelector('#lost').hidden", what="the connection's return")
        tab.wait_for("return document.querySelector('.cue[aria-current=true]').textContent.includes('Night')")
        tab.wait_for("return facadeStage.drawn === arguments[0]", hub.seq)
    finally:
        again.stop()
        tab.console()


def test_a_server_that_hangs_is_noticed_and_found_again(page: Browser, hub: FakeHub, monkeypatch: pytest.MonkeyPatch):
    hanging = threading.Event()

    def hang() -> None:
        hanging.wait(20.0)

    monkeypatch.setattr(hub, "lit", hang)
    page.wait_for("return !document.querySelector('#lost').hidden", what="the banner")
    monkeypatch.undo()
    hanging.set()
    page.wait_for("return document.querySelector('#lost').hidden", what="the connection's return")


def test_it_fits_one_hand_and_every_target_fits_a_finger(page: Browser):
    page.resize(*PHONE)
    page.wait_for("return document.documentElement.clientWidth <= 360")
    assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    small = page.run(
        "return [...document.querySelectorAll('button, a, select, input:not(.unseen)')]"
        ".filter((e) => e.offsetParent !== null).map((e) => [e.id || e.className || e.type, e.getBoundingClientRect()])"
        ".filter(([, b]) => b.height < 47.5 || b.width < 47.5).map(([n]) => n)"
    )
    assert small == []
    bottom = page.run("return document.querySelector('#blackout').getBoundingClientRect().bottom")
    assert bottom <= PHONE[1]


def test_every_control_has_a_name_and_every_state_a_word(page: Browser):
    nameless = page.run(
        "return [...document.querySelectorAll('button, input, select')].filter((e) => e.offsetParent !== null &&"
        " !(e.labels?.length || e.textContent.trim() || e.ariaLabel || e.getAttribute('aria-labelledby')))"
        ".map((e) => e.outerHTML)"
    )
    assert nameless == []
    words = page.run("return [...document.querySelectorAll('.row-health .state')].map((e) => e.textContent)")
    assert len(words) == 7
    assert all(words)


def test_without_webgl_the_pixels_are_drawn_flat(hub: FakeHub, bound: socket.socket, tmp_path: Path):
    light = np.zeros((18, 3), dtype=np.uint8)
    light[17] = (255, 128, 0)
    hub.show(light)
    server = serve(hub, bound)
    try:
        with browser(
            tmp_path, arguments=("--disable-gpu", "--disable-webgl", "--disable-webgl2", "--disable-3d-apis")
        ) as tab:
            tab.open(server.url)
            tab.wait_for(
                "return !document.querySelector('#flat').hidden && !document.querySelector('#view-note').hidden"
            )
            assert "WebGL2" in text(tab, "#view-note")
            colors = tab.wait_for(
                "const c = document.querySelector('#flat'), g = c.getContext('2d');"
                "const at = (u, v) => [...g.getImageData(u * c.width, v * c.height, 1, 1).data].slice(0, 3);"
                "const top = at(0.92, 0.12), low = at(0.08, 0.88); return top[0] === 255 ? [top, low] : null"
            )
        assert colors == [[255, 128, 0], [18, 20, 26]]
    finally:
        server.stop()


def test_a_dragged_slider_reaches_the_bytes_on_the_wire(tab: Browser, tmp_path: Path):
    node = Receiver()
    venue = venue_at(tmp_path, node.port)
    show = show_at(tmp_path / "show", free_port())
    try:
        with RunningShow(show, "--venue", venue) as running:
            tab.open(f"http://127.0.0.1:{running.page_port()}/?probe")
            node.wait_for(is_lit, 40.0, "light")
            tab.wait_for("return window.facadeStage?.drawn > 3", timeout_s=40.0, what="light on the page")
            tab.drag("#master", start=(0.99, 0.5), stop=(0.02, 0.5))
            low = node.wait_for(lambda p: 0 < max(p.data[:54]) < 40, what="dimmed bytes")
            tab.drag("#master", start=(0.02, 0.5), stop=(0.99, 0.5))
            high = node.wait_for(lambda p: max(p.data[:54]) > 60, what="bright bytes")
            assert max(low.data) < max(high.data)
            assert tab.console() == []
    finally:
        node.close()


def test_the_login_form_lets_in_who_knows_the_password(tab: Browser, hub: FakeHub):
    server = Server(hub, host="0.0.0.0", bound=bind_page("127.0.0.1", 0), password="moonlight", clock=RealClock())
    server.start()
    try:
        tab.open(server.url)
        tab.type("#password", "sunlight")
        tab.click("button")
        tab.wait_for("return document.querySelector('.problem')?.textContent === 'That is not the password.'")
        tab.type("#password", "moonlight")
        tab.click("button")
        tab.wait_for("return document.querySelectorAll('.cue').length === 3", what="the page behind the form")
        assert tab.run("return document.cookie") == ""
    finally:
        server.stop()
        tab.console()
