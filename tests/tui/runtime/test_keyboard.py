"""Keys of any keyboard: by position where the terminal or a setting tells it, and without a known Caps Lock."""

import pytest
from textual import events
from textual.drivers import linux_driver

from tui.config.keymap import KeyMap
from tui.config.layouts import LAYOUTS, Positions, layout_of
from tui.config.prefixes import Capitals, Count
from tui.runtime.keyboard import KeyParser, asking_for_alternates
from tui.runtime.reading_keys import KeyReader


def keys(text: str, reader: KeyReader) -> list[tuple[str, str | None]]:
    """The keys that a person means by what the terminal sends."""
    read = [reader.read(event) for event in KeyParser().feed(text) if isinstance(event, events.Key)]
    return [(event.key, event.character) for event in read]


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b[97;;97u", ("a", "a")),
        ("\x1b[1092::97;;1092u", ("a", "a")),  # ф
        ("\x1b[1092:1060:97;2;1060u", ("A", "A")),  # Ф
        ("\x1b[1078:1046:59;2;1046u", ("colon", ":")),  # Ж
        ("\x1b[1102::46;;1102u", ("full_stop", ".")),  # ю
        ("\x1b[1088::104;5u", ("ctrl+h", None)),  # ctrl+р
        ("\x1b[945::97;;945u", ("a", "a")),  # α
        ("\x1b[1513::97;;1513u", ("a", "a")),  # ש
        ("\x1b[1588::97;;1588u", ("a", "a")),  # ش
        ("\x1b[97::113;;97u", ("a", "a")),  # AZERTY: a Latin letter means itself
        ("\x1b[47:46:55;;47u", ("slash", "/")),
        ("\x1b[27;1u", ("escape", None)),
        ("\x1b[13u", ("enter", "\r")),
        ("\x1b[A", ("up", None)),
        ("\x1b[97:65;65;65u", ("a", "a")),  # Caps Lock
        ("\x1b[97:65;66;97u", ("A", "A")),  # Caps Lock and shift
        ("\x1b[97;65;65u", ("a", "a")),
        ("\x1b[1076:1044:108;65;1044u", ("l", "l")),  # Д by Caps Lock
        ("\x1b[49:33;129;49u", ("1", "1")),  # Num Lock
    ],
)
def test_the_kitty_protocol_tells_the_position_of_a_key(sent: str, key: tuple[str, str | None]) -> None:
    assert keys(sent, KeyReader(KeyMap(), "")) == [key]


def test_what_is_typed_into_a_text_is_not_changed() -> None:
    (typed,) = (event for event in KeyParser().feed("\x1b[1092::97;65;1060u") if isinstance(event, events.Key))
    assert (typed.key, typed.character) == ("Ф", "Ф")


def test_the_driver_asks_for_alternate_keys() -> None:
    flags = (
        linux_driver.KITTY_DISAMBIGUATE_ESCAPE_CODES
        | linux_driver.KITTY_REPORT_ALL_KEYS
        | linux_driver.KITTY_REPORT_ASSOCIATED_TEXT
    )
    assert asking_for_alternates(f"\x1b[>{flags}u") == f"\x1b[>{flags | 4}u"
    assert asking_for_alternates("\x1b[<u") == "\x1b[<u"


@pytest.mark.parametrize(
    ("layout", "typed", "meant"),
    [
        ("russian", "фчгйол", "axuqjk"),
        ("russian", "ФЧЩВТЬ", "AXODNM"),
        ("ukrainian", "фіїє", "as]'"),
        ("bulgarian", "ьйегт", "axehj"),
        ("serbian", "асфјк", "asfjk"),
        ("greek", "αχυξκΣΑ", "axyjkSA"),
        ("arabic", "شءعتن؟", "axujk?"),
        ("persian", "شطعتن", "axujk"),
        ("hebrew", "שסוחל", "axujk"),
    ],
)
def test_a_layout_is_read_by_position(layout: str, typed: str, meant: str) -> None:
    positions = Positions(layout)
    assert "".join(map(positions.at_position_of, typed)) == meant
    assert not any(map(positions.at_position_of, "中ñ"))
    assert keys(typed[0], KeyReader(KeyMap(), layout)) == [(meant[0], meant[0])]


def test_every_layout_reaches_every_letter_once() -> None:
    for layout in LAYOUTS:
        positions = Positions(layout)
        reached = [positions.at_position_of(chr(code)) for code in range(0x370, 0x700)]
        letters = [letter for letter in reached if letter.isalpha() and letter.islower()]
        assert len(letters) == len(set(letters)) >= 24, layout


def test_an_unknown_letter_is_explained_once_and_a_key_reads_it_by_position() -> None:
    reader = KeyReader(KeyMap(), "")
    assert keys("й", reader) == [("й", "й")]
    assert reader.take_hint().startswith("й is no key. Russian layout? F4 reads keys by position")
    keys("ц", reader)
    assert reader.take_hint() == ""
    assert "as on a russian keyboard" in reader.next_layout()
    assert keys("йЙ", reader) == [("q", "q"), ("Q", "Q")]
    assert reader.next_layout() == "keys are read as they are typed"
    assert keys("й", reader) == [("й", "й")]
    assert layout_of("ξ") == "greek"
    assert keys("ａ１", reader) == [("a", "a"), ("1", "1")]  # an input method's letters of full width


def test_a_letter_that_a_person_bound_keeps_its_meaning() -> None:
    reader = KeyReader(KeyMap({"event.accept": ("й",)}), "russian")
    assert keys("й", reader) == [("й", "й")]
    assert reader.take_hint() == ""


def test_caps_lock_is_said_once_and_holds_back_what_changes_an_event() -> None:
    capitals = Capitals(KeyMap())
    assert [capitals.problem(key) for key in "aDGJ"] == [""] * 4
    assert capitals.problem("A") == "A is no key. Is Caps Lock on?"
    assert "D: remove a whole group. Press it again to do it" in capitals.problem("D")
    assert capitals.problem("D") == ""
    assert "Is Caps Lock on? C" in capitals.problem("C")
    assert capitals.problem("J") == ""
    assert [capitals.problem(key) for key in ("a", "C")] == ["", ""]
    assert [capitals.problem(key) for key in "JJJ"] == [""] * 3
    assert "Is Caps Lock on? D" in capitals.problem("D")


def test_digits_make_a_number_unless_they_have_a_meaning() -> None:
    count = Count(KeyMap())
    assert [count.add(key) for key in ("1", "0", "a", "٣", "escape")] == [True, True, False, False, False]
    assert (count.times(), count.times(), count.given()) == (10, 1, 0)
    assert not Count(KeyMap({"event.accept": ("5",)})).add("5")
    assert not count.add("0", zero_is_bound=True)
