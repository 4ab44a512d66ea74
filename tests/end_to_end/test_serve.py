"""`eventdesk serve`: reviewing in a browser works, and only whoever has the address gets in."""

import contextlib
import json
import re
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.builders import ARTICLE, event, new_file
from support.fast_screen import FastScreen, FastStream
from support.serving import HANDSHAKE, SERVE, get, read_until, send_text, serving, websocket
from support.terminal import NOT_FOR_PYTE, Terminal

from db.model import Span
from db.store.connection import open_file
from tui.cli import main

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    # A shell would split this name and expand it.
    return new_file(tmp_path / 'it\'s a "$HOME" file.db', ARTICLE)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that these tests share."""
    with serving(new_file(tmp_path_factory.mktemp("served") / "events.db", ARTICLE)) as address:
        yield address


def test_nothing_is_served_without_the_token(address: str) -> None:
    paths = ("/", "/?token=", "/?token=é", "/?token=" + "A" * 43, "/static/js/textual.js", "/ws", "/nothing")
    assert {path: get(address, path.replace("é", "%C3%A9")).status for path in paths} == dict.fromkeys(paths, 403)
    assert get(address, "/ws", **HANDSHAKE).status == get(address, "/ws/" + "A" * 43, **HANDSHAKE).status == 403


def test_no_answer_holds_the_token_or_a_cookie(address: str) -> None:
    token = urlsplit(address).query
    for page in (get(address), get(address, "/"), get(address, f"/static/js/textual.js?{token}")):
        assert "Set-Cookie" not in page.headers
        assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
        assert token.removeprefix("token=").encode() not in page.read()


def test_many_connections_without_the_token_keep_nobody_out(file: Path) -> None:
    """With few descriptors, and most of them silent. ``serving`` sees that nothing is printed."""
    limited = [sys.executable, "-c", "import resource, os, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256));"
               "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"]  # fmt: skip
    with serving(file, before=limited) as address, contextlib.ExitStack() as stack:
        parts = urlsplit(address)
        for number in range(376):
            stranger = stack.enter_context(socket.create_connection((parts.hostname, parts.port), timeout=10))
            stranger.sendall((b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")[number % 3])
        assert get(address).status == 200
        page = websocket(address)
        assert page.status == 101
        read_until(b"Lesna", page)


def test_a_paste_of_five_megabytes_does_not_end_the_page(address: str) -> None:
    page = websocket(address)
    read_until(b"Lesna", page)
    send_text(page, json.dumps(["stdin", "\x1b[200~" + "pasted " * 720_000 + "\x1b[201~"]))
    send_text(page, json.dumps(["stdin", "?"]))
    read_until(b"In every pane", page)


def test_the_host_name_of_another_site_is_refused(address: str) -> None:
    port = urlsplit(address).port
    hosts = {"evil.example": 403, f"evil.example:{port}": 403, "127.0.0.1.evil.example": 403, f"localhost:{port}": 200}
    assert {host: get(address, Host=host).status for host in hosts} == hosts


def test_a_page_of_another_site_cannot_open_a_websocket(address: str) -> None:
    here = address[: address.index("/?")]
    elsewhere = ("https://evil.example", "null", "http://127.0.0.1:1")
    assert [websocket(address, Origin=origin).status for origin in elsewhere] == [403, 403, 403]
    page = websocket(address, Origin=here)
    assert page.status == 101
    read_until(b"Lesna", page)


def test_the_page_refers_to_no_other_host(address: str) -> None:
    page = get(address)
    text, netloc = page.read().decode(), urlsplit(address).netloc
    assert re.findall(r"\w*:?//[^\s\"')]+", text) == [f"ws://{netloc}/ws"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert get(address, f"/static/css/xterm.css?{urlsplit(address).query}").read().count(b"url(") == 0


def is_open(file: Path) -> bool:
    """Return True if a process has the database open: its log exists only that long."""
    return Path(f"{file}-wal").exists()


def test_ctrl_c_ends_the_server_and_the_reviewer_of_an_open_page(file: Path) -> None:
    with Terminal([*SERVE, str(file), "--port", "0"], columns=120) as terminal:
        screen = terminal.wait_for("ctrl+c stops")
        assert screen.strip().count("\n") == 0
        read_until(b"Lesna", websocket(screen.split()[0]))
        assert is_open(file)
        terminal.send("\x03")
        assert terminal.wait_exit() == 0
        assert terminal.text().split("stops")[1].split() in ([], ["^C"])
    assert not is_open(file)


def test_the_reviewer_ends_with_the_server_even_if_the_page_stays_open(file: Path) -> None:
    with serving(file) as address:
        page = websocket(address)
        read_until(b"Lesna", page)
        assert is_open(file)
        begin = time.monotonic()
    assert time.monotonic() - begin < 4, "it waited for the page"
    assert not is_open(file)


def test_the_websocket_is_closed_when_the_reviewer_fails_to_start(file: Path) -> None:
    with Terminal([*SERVE, str(file), "--port", "0"], columns=200) as terminal:
        address = terminal.wait_for("ctrl+c stops").split()[0]
        file.unlink()
        read_until(b"\x88\x02\x03\xe8", websocket(address))  # the close frame
        terminal.wait_for("no such file")
        terminal.send("\x03")
        assert terminal.wait_exit() == 0


def test_what_prevents_serving_is_reported_in_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def error(*arguments: str) -> str:
        assert main(["serve", *arguments]) == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.startswith("eventdesk: ")
        assert output.err.count("\n") == 1
        return output.err

    assert "no such file" in error(str(file.parent / "none.db"))
    assert "column" in error(str(file), "--query", "type:(")
    assert "70000" in error(str(file), "--port", "70000")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert f"port {port} " in error(str(file), "--port", str(port))
        assert "--port" in error(str(file), "--port", str(port))
    monkeypatch.delitem(sys.modules, "tui.serve.site", raising=False)
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert 'pip install "eventdesk[serve]"' in error(str(file))


class BrowserTerminal:
    """The terminal in a browser's page. It is drawn on a canvas, so its text is read from the websocket."""

    def __init__(self, page: Any, columns: int = 200, rows: int = 80) -> None:
        self.page = page
        self.hosts: set[str | None] = set()
        self._screen = FastScreen(columns, rows)
        self._stream = FastStream(self._screen)
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))
        page.on("websocket", lambda socket: socket.on("framereceived", self._feed))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Return the match of a pattern on the screen, as soon as there is one."""
        end = time.monotonic() + 20
        while not (found := re.search(pattern, "\n".join(self._screen.display))):
            if time.monotonic() > end:
                raise AssertionError(f"the page does not show {pattern!r}:\n" + "\n".join(self._screen.display))
            self.page.wait_for_timeout(50)
        return found

    def reload(self) -> None:
        """Load the page again, and forget what it showed."""
        self._screen.reset()
        self.page.reload()

    def _feed(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            self._stream.feed(NOT_FOR_PYTE.sub("", data.decode()))


def sent_to_another_port(page: Any) -> str:
    """Return the request that a link in the page sends to a server on another port of the same host."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        page.evaluate(f"setTimeout(() => location.assign('{link}'))")
        connection, _ = listener.accept()
        with connection:
            return connection.recv(65536).decode()


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs Chromium: {CHROMIUM} is not there (Debian: chromium)")
def test_events_are_corrected_and_accepted_by_keys_in_a_browser(file: Path) -> None:
    from playwright.sync_api import sync_playwright

    with serving(file) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"the page's script failed: {error}"))
        terminal = BrowserTerminal(page)
        page.goto(address)
        terminal.wait_for("2 left")
        assert page.url == address.partition("?")[0]
        assert browser.contexts[0].cookies() == []
        terminal.reload()
        terminal.wait_for("2 left")
        assert page.url == address.partition("?")[0]
        page.wait_for_function("document.activeElement.className == 'xterm-helper-textarea'")
        terminal.press("f")
        terminal.press(terminal.wait_for(r"(\w)  date +2025-02-28")[1])
        terminal.press(terminal.wait_for(r"(\w) Friday → 2025-03-07")[1])
        terminal.wait_for("was 2025-02-28")
        page.set_viewport_size({"width": 800, "height": 400})
        terminal.press("a")
        terminal.wait_for("1 left")
        terminal.press("a")
        terminal.wait_for("0 left")
        terminal.press("u")
        terminal.wait_for("1 left")
        terminal.press("Control+r")
        terminal.wait_for("0 left")
        terminal.press("q")
        page.get_by_text("Everything decided is saved").wait_for()
        assert terminal.hosts == {"127.0.0.1"}
        assert address.partition("=")[2] not in sent_to_another_port(page)
        browser.close()

    connection = open_file(file)
    first, second = event(connection), event(connection, "report-1/2")
    connection.close()
    assert (first.status, second.status) == ("corrected", "confirmed")
    dates = [(field.value, field.spans, field.state) for field in first.fields if field.name == "date"]
    assert dates == [("2025-03-07", (Span(3, 9),), "corrected")]
