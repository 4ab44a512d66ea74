"""The reviewer as a web page: a terminal in the browser, with one process per page.

The terminal is textual-serve's. Its server isn't used: it serves everybody who asks, its page loads a font from another
host, and the page stays as it was after its process has ended.
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
_REFUSED = "Open the address that `eventdesk serve` printed last.\n"
_SECONDS_TO_END = 5.0


class Site:
    """Serves reviewers on a listening socket, to whoever has the token. ``command`` starts one reviewer."""

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
        # asyncio would warn of pages and reviewers that close a moment before the other side notices.
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
        # Any site's page can send requests here. It can't know the token, make the browser send the cookie, or hide
        # its name: it is in Origin, or in Host if the name resolves to our address.
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
                # The terminal creates styles at run time.
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

    async def _end(self, _: web.Application) -> None:
        # Close connections without a websocket handshake: aiohttp no longer reads, and would wait for the answer.
        for connection in self._open.values():
            if connection is not None:
                connection.close()
        if self._open:
            await asyncio.wait(list(self._open))


def _cells(request: web.Request, name: str, otherwise: int) -> int:
    given = request.query.get(name, "")
    return int(given) if given.isdecimal() else otherwise


async def _pass_on(message: object, reviewer: AppService) -> None:
    """Pass on the keys and the size of the page's terminal, but not its focus."""
    match message:
        case ["stdin", str(keys)]:
            await reviewer.send_bytes(keys.encode(errors="replace"))
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
