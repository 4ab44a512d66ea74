"""A process that has faulty.c preloaded, so that writing calls can be made to fail in its forks."""

import ctypes
import errno
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NEVER = 2**40
WAYS = {  # what happens, and at how many calls
    "killed": (0, 1),
    "disk full once": (errno.ENOSPC, 1),
    "disk full from there": (errno.ENOSPC, NEVER),
    "I/O error once": (errno.EIO, 1),
    "I/O error from there": (errno.EIO, NEVER),
    "half a write, then full": (-1, NEVER),
}


class Control(ctypes.Structure):
    """As in faulty.c."""

    _fields_ = [
        *((name, ctypes.c_long) for name in ("calls", "begin", "until", "error", "hits")),
        ("what", ctypes.c_char * 216),
    ]


class Faulty:
    """Calls below ``folder``/work are counted, of this process and of those forked from it, and fail where armed."""

    def __init__(self, control: Control, folder: Path) -> None:
        self._control = control
        self.folder = folder
        self.work = folder / "work"

    def arm(self, call: int, way: str) -> None:
        """Have something happen at a call, counted from now."""
        error, many = WAYS[way]
        self._arm(call, call + many, error)

    def disarm(self) -> None:
        """Have nothing happen, and count from now."""
        self._arm(NEVER, NEVER, 0)

    def _arm(self, begin: int, until: int, error: int) -> None:
        control = self._control
        control.begin = control.until = NEVER
        control.calls = control.hits = 0
        control.what = b""
        control.error, control.until, control.begin = error, until, begin

    @property
    def calls(self) -> int:
        """The number of calls since it was armed or disarmed."""
        return int(self._control.calls)

    @property
    def hits(self) -> int:
        """The number of calls that failed."""
        return int(self._control.hits)

    @property
    def what(self) -> str:
        """The last of those, and of which file."""
        return str(self._control.what.decode())

    def run(self, arguments: list[str]) -> tuple[int, str]:
        """Run a command in a fork; its exit status, negative where a signal ended it, and what it said."""
        said = self.folder / "said"
        pid = os.fork()
        if pid == 0:
            try:
                null = os.open(os.devnull, os.O_RDWR)
                error = os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
                for descriptor, target in ((null, 0), (null, 1), (error, 2)):
                    os.dup2(descriptor, target)
                sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 (open until the process ends)
                sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
                from tui.cli import main

                status = main(arguments)
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
            except BaseException:
                import traceback

                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(127)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return status, said.read_text(encoding="utf-8")


def spread(calls: int, most: int) -> list[int]:
    """So many of the calls, the first and the last among them."""
    return sorted({1 + number * (calls - 1) // max(1, most - 1) for number in range(min(most, calls))})


def started() -> Faulty | int:
    """This process with the library in it; else the exit status of one like this one that was started with it."""
    if "FAULTY_CONTROL" in os.environ:
        path = Path(os.environ["FAULTY_CONTROL"])
        with path.open("r+b") as stream:
            faulty = Faulty(Control.from_buffer(mmap.mmap(stream.fileno(), mmap.PAGESIZE)), path.parent)
        faulty.disarm()
        return faulty
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        print("faults need Linux and a C compiler, `cc`")
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work").mkdir()
        library, source = folder / "faulty.so", Path(__file__).with_name("faulty.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
        (folder / "control").write_bytes(bytes(mmap.PAGESIZE))
        environment = {
            "LD_PRELOAD": str(library),
            "FAULTY_CONTROL": str(folder / "control"),
            "FAULTY_FOLDER": str(folder / "work"),
            "FAULTY_SYNCED": str(folder / "synced"),
            "XDG_STATE_HOME": str(folder / "work" / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        return subprocess.run([sys.executable, *sys.argv], env=os.environ | environment).returncode
