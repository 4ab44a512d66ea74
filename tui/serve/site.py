"""The reviewer as a page: a terminal in the browser, a process of its own for each page, and who may ask for it.

The terminal is textual-serve's. Its server is not used: it does not look at who asks, its page loads a font from
another host, where eventdesk talks to loopback alone, and it leaves a page as it was when its process is gone.
"""

import asyncio
import contextlib
import html
import logging
import re
import secrets
import socket
from importlib.resources import files
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_REFUSED = "Open the address that `eventdesk serve` printed when it was started last.\n"
_SECONDS_TO_END = 5.0


class Site:
    """What is served on a socket that listens: to whom has the token, reviewers that a command line starts."""

    def __init__(self, command: str, title: str, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.token = secrets.token_urlsafe()
        self._command = command
        self._title = title
        self._listener = listener
        self._cookie = f"eventdesk-{self.port}"  # a browser keeps one of a name for all ports of a host
        self._open: dict[asyncio.Task[object], asyncio.Transport | None] = {}

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, then end the reviewers."""
        # What asyncio warns of here is a page or a reviewer that went a moment before the other side knew.
        logging.getLogger("asyncio").setLevel(logging.ERROR)
        application = web.Application(middlewares=[self._guard])
        application.on_shutdown.append(self._end)
        static = Path(textual_serve.__file__).parent / "static"
        application.add_routes(
            [web.get("/", self._page), web.get("/ws", self._terminal), web.static("/static", static)]
        )
        web.run_app(application, sock=self._listener, print=None, access_log=None)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        # A page of any site can send requests here. What it can't do: know the token, have the browser send the
        # cookie, or hide its own name, neither in Origin nor, where it gave its name our address, in Host.
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        given = request.query.get("token") or request.cookies.get(self._cookie, "")
        if (
            not _LOOPBACK.fullmatch(host)
            or origin not in (None, f"http://{host}")
            or not secrets.compare_digest(given.encode(errors="replace"), self.token.encode())
        ):
            return web.Response(status=403, text=_REFUSED)
        return await handler(request)

    async def _page(self, request: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe()
        template = Template((files("tui.serve") / "page.html").read_text(encoding="utf-8"))
        response = web.Response(
            text=template.substitute(title=html.escape(self._title), host=request.host, nonce=nonce),
            content_type="text/html",
            headers={
                "Cache-Control": "no-store",
                # The terminal makes its styles as it goes.
                "Content-Security-Policy": "default-src 'none'; font-src 'self'; img-src data:; "
                f"style-src 'self' 'unsafe-inline'; script-src 'self' 'nonce-{nonce}'; "
                f"connect-src ws://{request.host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                "Referrer-Policy": "no-referrer",  # a link in a text must not carry the token away
            },
        )
        response.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict")
        return response

    async def _terminal(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(heartbeat=15)
        await websocket.prepare(request)

        async def close() -> None:
            await websocket.close()

        reviewer = AppService(
            self._command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            download_manager=DownloadManager(),
        )
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = request.transport
        try:
            await reviewer.start(_cells(request, "width", 80), _cells(request, "height", 24))
            process = reviewer._process  # it has no other way to know, or to make sure, that the process ended
            assert process is not None
            closing = asyncio.create_task(_close_after(process, websocket))
            try:
                async for message in websocket:
                    if message.type is WSMsgType.TEXT:
                        await _pass_on(message.json(), reviewer)
            finally:
                closing.cancel()
                await _see_out(reviewer, process)
        finally:
            del self._open[task]
        return websocket

    async def _end(self, _: web.Application) -> None:
        # Connections are cut, without a websocket's goodbye: at this point aiohttp reads no more, and would wait for
        # an answer that has come.
        for connection in self._open.values():
            if connection is not None:
                connection.close()
        if self._open:
            await asyncio.wait(list(self._open))


def _cells(request: web.Request, name: str, otherwise: int) -> int:
    given = request.query.get(name, "")
    return int(given) if given.isdecimal() else otherwise


async def _pass_on(message: object, reviewer: AppService) -> None:
    """Pass on the keys and the size of the page's terminal; whether it has the focus is nothing to the reviewer."""
    match message:
        case ["stdin", str(keys)]:
            await reviewer.send_bytes(keys.encode(errors="replace"))
        case ["resize", {"width": int(columns), "height": int(rows)}]:
            await reviewer.set_terminal_size(columns, rows)


async def _close_after(process: asyncio.subprocess.Process, websocket: web.WebSocketResponse) -> None:
    await process.wait()
    await websocket.close()


async def _see_out(reviewer: AppService, process: asyncio.subprocess.Process) -> None:
    stopping = asyncio.create_task(reviewer.stop())
    try:
        await asyncio.wait_for(process.wait(), _SECONDS_TO_END)
    except TimeoutError:
        # What was decided is on disk.
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    # What the reviewer started, as a program of the clipboard, may hold its pipes for longer.
    await asyncio.wait([stopping], timeout=1)
    stopping.cancel()
