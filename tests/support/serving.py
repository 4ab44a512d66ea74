"""A server of the reviewer for tests, and HTTP and websocket requests to it."""

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

SERVE = [sys.executable, "-m", "tui", "serve"]
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@contextmanager
def serving(file: Path, *options: str, before: Sequence[str] = ()) -> Iterator[str]:
    """Serve a file and yield the address that the server printed. It must end with status 0 and print nothing else."""
    command = [*before, *SERVE[bool(before) :], str(file), "--port", "0", "--reviewer", "ana", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line.endswith("; ctrl+c stops\n")
            yield line.split()[0]
        finally:
            server.send_signal(signal.SIGINT)
            try:
                output = server.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                raise
    assert (server.returncode, *output) == (0, "", "")


def get(address: str, path: str | None = None, **headers: str) -> http.client.HTTPResponse:
    """Request the address itself, or another path without the token."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", path or f"{parts.path}?{parts.query}", headers=headers)
    return connection.getresponse()


def websocket(address: str, **headers: str) -> http.client.HTTPResponse:
    """Request a websocket with the token."""
    return get(address, f"/ws?{urlsplit(address).query}", **HANDSHAKE, **headers)


def send_text(response: http.client.HTTPResponse, text: str) -> None:
    """Send a message to a websocket. Its mask is zero."""
    assert response.fp is not None
    data = text.encode()
    connection: socket.socket = response.fp.raw._sock  # type: ignore[attr-defined]
    connection.sendall(b"\x81\xff" + len(data).to_bytes(8, "big") + bytes(4) + data)


def read_until(expected: bytes, response: http.client.HTTPResponse) -> None:
    """Read from a websocket until it has sent some bytes."""
    assert response.fp is not None
    received = b""
    while expected not in received:
        more = response.fp.read1()
        assert more, f"the websocket ended before {expected!r}: {received!r}"
        received += more
