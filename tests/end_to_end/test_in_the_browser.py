"""The reviewer served to a browser: it reviews by keys there, and answers nobody but who has its address."""

import http.client
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyte
import pytest
from support.builders import ARTICLE, event, import_documents
from support.terminal import Terminal

from db.model import Span
from db.store.connection import open_file
from tui.cli import main

SERVE = [sys.executable, "-m", "tui", "serve"]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    # A name that a shell would take apart.
    path = tmp_path / 'it\'s a "$HOME" file.db'
    connection = open_file(path, create=True)
    import_documents(connection, ARTICLE)
    connection.close()
    return path


@contextmanager
def serving(file: Path, *options: str) -> Iterator[str]:
    """The address that a server prints; it must end calmly."""
    command = [*SERVE, str(file), "--port", "0", "--reviewer", "ana", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line.endswith("; ctrl+c stops\n")
            yield line.split()[0]
        finally:
            server.send_signal(signal.SIGINT)
            try:
                said = server.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                raise
    assert (server.returncode, *said) == (0, "", "")


@pytest.fixture
def address(file: Path) -> Iterator[str]:
    with serving(file) as address:
        yield address


def ask(address: str, path: str | None = None, **headers: str) -> http.client.HTTPResponse:
    """The answer to one request: at the address itself, or at another path without the token."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", path or f"{parts.path}?{parts.query}", headers=headers)
    return connection.getresponse()


def websocket(address: str, **headers: str) -> http.client.HTTPResponse:
    """The answer to a websocket's handshake, with the token."""
    return ask(address, f"/ws?{urlsplit(address).query}", **HANDSHAKE, **headers)


def read_until(wanted: bytes, answer: http.client.HTTPResponse) -> None:
    """Read what a websocket sends up to something."""
    assert answer.fp is not None
    came = b""
    while wanted not in came:
        more = answer.fp.read1()
        assert more, f"the websocket ended before {wanted!r}: {came!r}"
        came += more


def test_without_the_token_nothing_is_served(address: str) -> None:
    paths = ("/", "/?token=", "/?token=é", "/?token=" + "A" * 43, "/static/js/textual.js", "/ws", "/nothing")
    assert {path: ask(address, path.replace("é", "%C3%A9")).status for path in paths} == dict.fromkeys(paths, 403)
    assert ask(address, "/", Cookie="eventdesk-1=x").status == 403
    assert ask(address, "/ws", **HANDSHAKE).status == 403


def test_the_first_page_hands_the_token_on_in_a_cookie_for_this_site_alone(address: str) -> None:
    page = ask(address)
    assert page.status == 200
    cookie, *attributes = page.headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict"} <= set(attributes)
    assert ask(address, "/static/js/textual.js", Cookie=cookie).status == 200
    assert ask(address, "/ws", Cookie=cookie, **HANDSHAKE).status == 101


def test_a_name_of_another_site_that_leads_here_is_refused(address: str) -> None:
    port = urlsplit(address).port
    hosts = {"evil.example": 403, f"evil.example:{port}": 403, "127.0.0.1.evil.example": 403, f"localhost:{port}": 200}
    assert {host: ask(address, Host=host).status for host in hosts} == hosts


def test_a_page_of_another_site_can_open_no_websocket(address: str) -> None:
    here = address[: address.index("/?")]
    origins = {"https://evil.example": 403, "null": 403, "http://127.0.0.1:1": 403, here: 101}
    assert {origin: websocket(address, Origin=origin).status for origin in origins} == origins


def test_the_page_refers_to_no_other_host(address: str) -> None:
    page = ask(address)
    text, netloc = page.read().decode(), urlsplit(address).netloc
    assert re.findall(r"\w*:?//[^\s\"')]+", text) == [f"ws://{netloc}/ws"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert ask(address, f"/static/css/xterm.css?{urlsplit(address).query}").read().count(b"url(") == 0


def in_use(file: Path) -> bool:
    """Whether something has the database open: its log is there for that long."""
    return Path(f"{file}-wal").exists()


def test_ctrl_c_ends_the_server_and_the_reviewer_of_an_open_page(file: Path) -> None:
    with Terminal([*SERVE, str(file), "--port", "0"], columns=120) as terminal:
        screen = terminal.wait_for("ctrl+c stops")
        assert screen.strip().count("\n") == 0
        read_until(b"Lesna", websocket(screen.split()[0]))
        assert in_use(file)
        terminal.send("\x03")
        assert terminal.wait_exit() == 0
        assert terminal.text().split("stops")[1].split() in ([], ["^C"])
    assert not in_use(file)


def test_the_end_of_the_server_alone_is_that_of_the_reviewer(file: Path) -> None:
    with serving(file) as address:
        page = websocket(address)
        read_until(b"Lesna", page)
        assert in_use(file)
        begin = time.monotonic()
    assert time.monotonic() - begin < 4, "nobody waits for the page"
    assert not in_use(file)


def test_a_page_is_told_when_its_reviewer_is_gone(file: Path) -> None:
    with Terminal([*SERVE, str(file), "--port", "0"], columns=200) as terminal:
        address = terminal.wait_for("ctrl+c stops").split()[0]
        file.unlink()
        read_until(b"\x88\x02\x03\xe8", websocket(address))  # a websocket's goodbye
        terminal.wait_for("no such file")
        terminal.send("\x03")
        assert terminal.wait_exit() == 0


def test_what_can_not_be_served_is_said_in_a_line(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(*arguments: str) -> str:
        assert main(["serve", *arguments]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("eventdesk: ")
        assert said.err.count("\n") == 1
        return said.err

    assert "no such file" in refusal(str(file.parent / "none.db"))
    assert "column" in refusal(str(file), "--query", "type:(")
    assert "70000" in refusal(str(file), "--port", "70000")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} " in refusal(str(file), "--port", str(port))
        assert "--port" in refusal(str(file), "--port", str(port))
    monkeypatch.delitem(sys.modules, "tui.serve.site", raising=False)
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert 'pip install "eventdesk[serve]"' in refusal(str(file))


class Shown:
    """What a page shows: its terminal is a canvas, so it is read from what came for it."""

    # Private sequences that pyte would take for text or for others.
    _NOT_FOR_PYTE = re.compile(r"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|u)")

    def __init__(self, page: Any, columns: int = 200, rows: int = 80) -> None:
        self.page = page
        self.hosts: set[str | None] = set()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))
        page.on("websocket", lambda socket: socket.on("framereceived", self._take_in))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Where the screen shows what a pattern says, once it does."""
        end = time.monotonic() + 20
        while not (found := re.search(pattern, "\n".join(self._screen.display))):
            if time.monotonic() > end:
                raise AssertionError(f"the page does not show {pattern!r}:\n" + "\n".join(self._screen.display))
            self.page.wait_for_timeout(50)
        return found

    def _take_in(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            self._stream.feed(self._NOT_FOR_PYTE.sub("", data.decode()))


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs Chromium: {CHROMIUM} is not there (Debian: chromium)")
def test_events_are_corrected_and_accepted_by_keys_in_a_browser(file: Path, address: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"the page's script failed: {error}"))
        shown = Shown(page)
        page.goto(address)
        shown.wait_for("2 left")
        shown.press("f")
        shown.press(shown.wait_for(r"(\w)  date +2025-02-28")[1])
        shown.press(shown.wait_for(r"(\w) Friday → 2025-03-07")[1])
        shown.wait_for("was 2025-02-28")
        page.set_viewport_size({"width": 800, "height": 400})
        shown.press("a")
        shown.wait_for("1 left")
        shown.press("a")
        shown.wait_for("0 left")
        shown.press("u")
        shown.wait_for("1 left")
        shown.press("Control+r")
        shown.wait_for("0 left")
        shown.press("q")
        page.get_by_text("Everything decided is saved").wait_for()
        assert shown.hosts == {"127.0.0.1"}
        browser.close()

    connection = open_file(file)
    first, second = event(connection), event(connection, "report-1/2")
    connection.close()
    assert (first.status, second.status) == ("corrected", "confirmed")
    dates = [(field.value, field.spans, field.state) for field in first.fields if field.name == "date"]
    assert dates == [("2025-03-07", (Span(3, 9),), "corrected")]
