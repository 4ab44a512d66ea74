"""What the writer's thread writes to: every byte comes, or the terminal is gone and nobody waits for it."""

import os
import pty
import threading
import time
from pathlib import Path

from tui.runtime.driver import _Screen


def test_a_terminal_that_does_not_wait_gets_every_byte() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # as another program of the same terminal may leave it
    text = "".join(f"{number} слово 遗体\n" for number in range(20_000))
    came = bytearray()

    def read_slowly() -> None:
        while data := os.read(reading, 50_000):
            came.extend(data)
            time.sleep(0.001)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    gone: list[bool] = []
    with open(writing, "w", encoding="utf-8") as file:
        screen = _Screen(file, lambda: gone.append(True))
        for start in range(0, len(text), 1000):
            screen.write(text[start : start + 1000])
        screen.flush()
    reader.join(timeout=20)
    os.close(reading)
    assert came.decode() == text
    assert gone == []


def test_of_a_terminal_that_is_gone_is_told_once_and_nothing_waits() -> None:
    master, slave = pty.openpty()
    gone: list[bool] = []
    with open(slave, "w", encoding="utf-8") as file:
        screen = _Screen(file, lambda: gone.append(True))
        screen.write("seen")
        screen.flush()
        os.close(master)
        for _ in range(100):
            screen.write("x" * 100_000)
            screen.flush()
        assert gone == [True]
        print("Python flushes what is left when it ends", file=file, flush=True)  # and must not fail
        assert Path(f"/proc/self/fd/{file.fileno()}").readlink() == Path(os.devnull)


def test_a_character_that_has_no_code_ends_nothing() -> None:
    reading, writing = os.pipe()
    with open(writing, "w", encoding="ascii", errors="backslashreplace") as file:
        screen = _Screen(file, lambda: None)
        screen.write("\udcff遗")
        screen.flush()
    assert os.read(reading, 100) == b"\\udcff\\u9057"
    os.close(reading)
