"""serve: the reviewer in a browser of the same machine."""

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
from tui.commands.review import login_name
from tui.config.settings import read_settings
from tui.text.safe import safe

_ADDRESS = "127.0.0.1"


def serve(arguments: argparse.Namespace) -> int:
    """Serve the reviewer of a file on loopback until ctrl+c.

    Raises InputError, before anything is served, where the library is missing, and for a file, a query, settings or a
    port that are no good.
    """
    try:
        from tui.serve.site import Site
    except ModuleNotFoundError:
        raise InputError('serving needs the extra: pip install "eventdesk[serve]"') from None
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
    """The shell's command line for one reviewer."""
    # -P: a folder named db or tui where the server was started must not be taken for ours.
    words = [sys.executable, "-P", "-m", "tui", "review", str(arguments.file.absolute())]
    words += [f"--query={arguments.query}", f"--reviewer={reviewer}"]
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    # A terminal's ctrl+c reaches every process in it. The server ends its reviewers; one that is about to start and
    # was interrupted by itself would leave a traceback.
    return f"trap '' INT; exec {shlex.join(words)}"


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((_ADDRESS, port))
    except OverflowError:
        raise InputError(f"--port {port}: ports are 1 to 65535, and 0 is any that is free") from None
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise InputError(f"port {port} can't be had ({why}); take another with --port N") from None
