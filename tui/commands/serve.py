"""serve: the reviewer in a browser on the same machine."""

import argparse
import contextlib
import os
import shlex
import socket
import subprocess
import sys

from db.errors import InputError
from db.maintenance.opening import open_with_backup
from db.query import check_query, parse
from tui.arguments import add_review_options
from tui.commands import Command
from tui.config.login import login_name
from tui.config.settings import read_settings
from tui.text.safe import safe

_ADDRESS = "127.0.0.1"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_review_options(parser)
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="default: 8000; 0 picks a free port")


def serve(arguments: argparse.Namespace) -> int:
    """Serve the reviewer on the loopback address until ctrl+c.

    Raises InputError before serving, for a missing library, an unusable file, query or settings, or a port in use.
    """
    try:
        from tui.serve.site import Site
    except ModuleNotFoundError:
        raise InputError('serve needs an extra; install it with: pip install "eventdesk[serve]"') from None
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        check_query(connection, parse(arguments.query))
    read_settings()
    command = _command(arguments, arguments.reviewer or login_name())
    with _listen(arguments.port) as listener:
        site = Site(command, safe(arguments.file.name), listener)
        print(f"http://{_ADDRESS}:{site.port}/?token={site.token} opens the reviewer; ctrl+c stops", flush=True)
        site.run()
    return 0


def _command(arguments: argparse.Namespace, reviewer: str) -> str:
    """Return the shell command that starts one reviewer."""
    # -P keeps Python from importing modules named db or tui from the current folder.
    words = [sys.executable, "-P", "-m", "tui", "review", str(arguments.file.absolute())]
    words += [f"--query={arguments.query}", f"--reviewer={reviewer}"]
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    # A terminal sends ctrl+c to every process in it. The server stops its reviewers itself; a reviewer that is just
    # starting would print a traceback.
    return f"trap '' INT; exec {shlex.join(words)}"


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((_ADDRESS, port))
    except OverflowError:
        raise InputError(f"--port {port}: a port is a number from 1 to 65535; 0 picks a free one") from None
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise InputError(f"port {port} is unavailable ({reason}); choose another with --port N") from None


COMMANDS = {"serve": Command(serve, ("eventdesk serve war.db --port 8001",), _add_arguments)}
