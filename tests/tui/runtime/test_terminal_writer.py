"""The file that the writer thread writes to: every byte arrives, and a closed terminal blocks nobody."""

import os
import pty
import threading
import time
from pathlib import Path

from tui.runtime.driver import _TerminalWriter


def test_a_non_blocking_terminal_gets_every_byte() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # another program of the same terminal may do this
    text = "".join(f"{number} слово 遗体\n" for number in range(20_000))
    received = bytearray()

    def read_slowly() -> None:
        while data := os.read(reading, 50_000):
            received.extend(data)
            time.sleep(0.001)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    closed: list[bool] = []
    with open(writing, "w", encoding="utf-8") as file:
        writer = _TerminalWriter(file, lambda: closed.append(True))
        for start in range(0, len(text), 1000):
            writer.write(text[start : start + 1000])
        writer.flush()
    reader.join(timeout=20)
    os.close(reading)
    assert received.decode() == text
    assert closed == []


def test_a_closed_terminal_is_reported_once_and_nothing_waits() -> None:
    master, slave = pty.openpty()
    closed: list[bool] = []
    with open(slave, "w", encoding="utf-8") as file:
        writer = _TerminalWriter(file, lambda: closed.append(True))
        writer.write("seen")
        writer.flush()
        os.close(master)
        for _ in range(100):
            writer.write("x" * 100_000)
            writer.flush()
        assert closed == [True]
        print("Python flushes the rest at exit", file=file, flush=True)  # and must not fail
        assert Path(f"/proc/self/fd/{file.fileno()}").readlink() == Path(os.devnull)


def test_a_character_that_the_encoding_lacks_is_escaped() -> None:
    reading, writing = os.pipe()
    with open(writing, "w", encoding="ascii", errors="backslashreplace") as file:
        writer = _TerminalWriter(file, lambda: None)
        writer.write("\udcff遗")
        writer.flush()
    assert os.read(reading, 100) == b"\\udcff\\u9057"
    os.close(reading)
