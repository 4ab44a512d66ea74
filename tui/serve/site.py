"""The reviewer as a web page: a terminal in the browser, with one process per page.

The terminal is textual-serve's. Its server isn't used: it serves everybody who asks, its page loads a font from another
host, and the page stays as it was after its process has ended.
"""

import asyncio
import contextlib
import html
import logging
import os
import re
import secrets
import signal
import socket
import sys
from importlib.resources import files
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_REFUSED = "Open the address that `eventdesk serve` printed last.\n"
_SECONDS_TO_END = 5.0
_MAX_STRANGERS = 24  # connections that have not shown the token; one more closes the oldest
_MAX_PAGES = 24  # each is a process
_ACCEPTED_AT_ONCE = 8  # connections, so that few descriptors are in use before the oldest are closed
_WAITING = 128  # connections that the system keeps until they are accepted
_PASTE_PIECE = 65_536  # characters
_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # a link in a text must not carry the token away
    "X-Content-Type-Options": "nosniff",
}


class Site:
    """Serves reviewers on a listening socket, to whoever has the token. ``command`` starts one reviewer."""

    def __init__(self, command: str, title: str, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.token = secrets.token_urlsafe()
        self._command = command
        self._title = title
        self._listener = listener
        self._open: dict[asyncio.Task[object], asyncio.Transport | None] = {}
        self._strangers: dict[RequestHandler, None] = {}

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, then end the reviewers."""
        # They would print tracebacks for whatever anybody sends, and for every lack of descriptors.
        for name in ("asyncio", "aiohttp", "textual-serve"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        with contextlib.suppress(KeyboardInterrupt):  # where a loop handles no signals
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, stopped.set)
        application = web.Application(middlewares=[self._guard])
        static = Path(textual_serve.__file__).parent / "static"
        terminals = [web.get("/ws", self._terminal), web.get("/ws/{token}", self._terminal)]
        application.add_routes([web.get("/", self._page), *terminals, web.static("/static", static)])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SECONDS_TO_END)
        await runner.setup()
        server = await loop.create_server(
            lambda: self._connection(runner), sock=self._listener, backlog=_ACCEPTED_AT_ONCE
        )
        self._listener.listen(_WAITING)
        try:
            await stopped.wait()
        finally:
            server.close()
            await self._end()
            await runner.cleanup()

    def _connection(self, runner: web.AppRunner) -> asyncio.Protocol:
        """Return a protocol for a new connection; of too many without the token, close the oldest."""
        assert runner.server is not None
        connection = runner.server()
        if len(self._strangers) >= _MAX_STRANGERS:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            if isinstance(oldest.transport, asyncio.Transport):
                oldest.transport.abort()
        self._strangers[connection] = None
        return connection

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        # Any site's page can send requests here. It can't know the token, or hide its name: it is in Origin, or in
        # Host if the name resolves to our address.
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        given = request.match_info.get("token") or request.query.get("token", "")
        if not _LOOPBACK.fullmatch(host) or origin not in (None, f"http://{host}"):
            return _refusal()
        if not secrets.compare_digest(given.encode(errors="replace"), self.token.encode()):
            return self._html("refused.html", request, 403) if request.path == "/" else _refusal()
        self._strangers.pop(request.protocol, None)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_PRIVATE)
        return response

    async def _page(self, request: web.Request) -> web.Response:
        return self._html("page.html", request, 200)

    def _html(self, name: str, request: web.Request, status: int) -> web.Response:
        nonce = secrets.token_urlsafe()
        template = Template((files("tui.serve") / name).read_text(encoding="utf-8"))
        # The terminal creates styles at run time.
        policy = (
            "default-src 'none'; font-src 'self'; img-src data:; "
            f"style-src 'self' 'unsafe-inline'; script-src 'self' 'nonce-{nonce}'; "
            f"connect-src ws://{request.host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return web.Response(
            status=status,
            text=template.substitute(title=html.escape(self._title), host=request.host, nonce=nonce),
            content_type="text/html",
            headers={"Content-Security-Policy": policy, **_PRIVATE},
        )

    async def _terminal(self, request: web.Request) -> web.StreamResponse:
        if len(self._open) >= _MAX_PAGES:
            return web.Response(status=503, text="Too many pages are open; close one.\n")
        websocket = web.WebSocketResponse(heartbeat=15, max_msg_size=0)  # a paste is one message
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
            try:
                await reviewer.start(_cells(request, "width", 80), _cells(request, "height", 24))
            except OSError as error:  # no descriptor or no process is left
                print(
                    f"eventdesk: a page got no reviewer ({os.strerror(error.errno or 0)}); close some pages",
                    file=sys.stderr,
                )
                await websocket.close()
                return websocket
            process = reviewer._process  # there is no public way to wait for the process
            assert process is not None
            closing = asyncio.create_task(_close_after(process, websocket))
            try:
                async for message in websocket:
                    if message.type is WSMsgType.TEXT:
                        await _pass_on(message.json(), reviewer)
            finally:
                closing.cancel()
                await _stop(reviewer, process)
        finally:
            del self._open[task]
        return websocket

    async def _end(self) -> None:
        # Close connections without a websocket handshake: aiohttp no longer reads, and would wait for the answer.
        for connection in self._open.values():
            if connection is not None:
                connection.close()
        if self._open:
            await asyncio.wait(list(self._open))


def _refusal() -> web.Response:
    return web.Response(status=403, text=_REFUSED, headers=_PRIVATE)


def _cells(request: web.Request, name: str, otherwise: int) -> int:
    given = request.query.get(name, "")
    return int(given) if given.isdecimal() else otherwise


async def _pass_on(message: object, reviewer: AppService) -> None:
    """Pass on the keys and the size of the page's terminal, but not its focus."""
    match message:
        case ["stdin", str(keys)]:
            for begin in range(0, len(keys), _PASTE_PIECE):
                await reviewer.send_bytes(keys[begin : begin + _PASTE_PIECE].encode(errors="replace"))
        case ["resize", {"width": int(columns), "height": int(rows)}]:
            await reviewer.set_terminal_size(columns, rows)


async def _close_after(process: asyncio.subprocess.Process, websocket: web.WebSocketResponse) -> None:
    await process.wait()
    await websocket.close()


async def _stop(reviewer: AppService, process: asyncio.subprocess.Process) -> None:
    stopping = asyncio.create_task(reviewer.stop())
    try:
        await asyncio.wait_for(process.wait(), _SECONDS_TO_END)
    except TimeoutError:
        # Decisions are on disk already.
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    # A program that the reviewer started, such as a clipboard tool, may hold its pipes for longer.
    await asyncio.wait([stopping], timeout=1)
    stopping.cancel()
