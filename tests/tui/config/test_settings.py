"""The configuration file: theme, mouse and keys; mistakes name file and line; and the screen follows."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.segment import Segment
from support.builders import ARTICLE, event
from support.driving import Desk, desk_of, fill
from textual.binding import Binding

from db.errors import InputError
from db.model import Span
from tui.cli import main
from tui.config.bindings import BINDINGS, SCOPES
from tui.config.keymap import PRESETS, KeyMap, preset, read_keymap
from tui.config.settings import THEME_NAMES, Settings, read_settings
from tui.config.themes import THEMES

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(toml: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(toml, encoding="utf-8")
        return path

    return write


@pytest.fixture
def file(connection: sqlite3.Connection) -> sqlite3.Connection:
    fill(connection, "", ARTICLE)
    return connection


# The file


def test_without_a_file_all_is_as_shipped(tmp_path: Path) -> None:
    settings = read_settings(tmp_path / "config.toml")
    assert (settings.theme, settings.mouse, settings.keymap) == ("dark", True, KeyMap())


def test_what_the_file_says_holds(write: Write) -> None:
    toml = 'theme = "light"\nmouse = false\n[keys]\npreset = "arrows"\n"event.accept" = ["z", "F5"]'
    settings = read_settings(write(toml))
    assert (settings.theme, settings.mouse) == ("light", False)
    assert settings.keymap.keys(BINDINGS["event.accept"]) == ("z", "f5")
    assert settings.keymap.keys(BINDINGS["queue.next"]) == ("down",)


MISTAKES = [
    pytest.param(
        '# mine\n\n[keys]\n"event.acept" = "z"', 4, "no binding event.acept; did you mean event.accept?", id="binding"
    ),
    pytest.param('[keys]\n"event.accept" = "z"\n"zzz" = "y"', 3, "`eventdesk keys` lists them", id="no such binding"),
    pytest.param('[keys]\n"event.accept" = "pgdown"', 2, "no key pgdown; write a character or a name such", id="key"),
    pytest.param('[keys]\n"event.accept" = "super+a"', 2, "no key super+a; write a character", id="modifier"),
    pytest.param('[keys]\n"event.accept" = ""', 2, "no key ; write a character", id="empty key"),
    pytest.param('[keys]\n\n"event.accept" = "alt+a"', 3, "send alt keys as escape and a letter; choose", id="alt"),
    pytest.param(
        '[keys]\n"event.accept" = 5', 2, 'must be a key or a list of keys, for example "event.accept"', id="number"
    ),
    pytest.param('[keys]\n"event.accept" = []', 2, "must be a key or a list of keys", id="no keys"),
    pytest.param('[keys]\n"event.skip" = "q"\n', 2, "q is bound to event.skip and app.quit; change one", id="clash"),
    pytest.param(
        '[keys]\n"event.note" = "z"\n"source.down" = "z"',
        3,
        "z is bound to source.down and event.note",
        id="two clash",
    ),
    pytest.param(
        '[keys]\n"select.word" = "b"', 2, "b is bound to select.word and select.back", id="clash while selecting"
    ),
    pytest.param('[keys]\npreset = "emacs"', 2, "no preset 'emacs'; choose one of vim, arrows", id="preset"),
    pytest.param('theme = "dark"\nkeys =\n', 2, "invalid TOML", id="invalid TOML"),
]
LINELESS = [
    pytest.param('\ncolour = "red"', 2, "unknown key colour; use one of theme, mouse, layout, keys", id="unknown key"),
    pytest.param('\n\ntheme = "pink"', 3, "no theme 'pink'; choose one of dark, light, contrast, terminal", id="theme"),
    pytest.param('\nmouse = "off"', 2, "mouse must be true or false", id="mouse"),
    pytest.param('\nlayout = "dvorak"', 2, "no layout 'dvorak'; choose one of russian, ukrainian", id="layout"),
    pytest.param('\nkeys = "vim"', 2, "keys must be a table: [keys], then lines such as", id="keys"),
]


@pytest.mark.parametrize(("toml", "line", "says"), [*MISTAKES, *LINELESS])
def test_a_mistake_names_the_file_and_what_to_do(write: Write, toml: str, line: int, says: str) -> None:
    path = write(toml)
    with pytest.raises(InputError) as raised:
        read_settings(path)
    message = str(raised.value)
    assert message.startswith(str(path))
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(("toml", "line", "says"), MISTAKES)
def test_a_mistake_names_the_line(write: Write, toml: str, line: int, says: str) -> None:
    path = write(toml)
    with pytest.raises(InputError) as raised:
        read_settings(path)
    assert f"{path}:{line}: " in str(raised.value) or f"at line {line}, column" in str(raised.value)


@pytest.mark.parametrize(("toml", "line", "says"), LINELESS)
def test_a_mistake_outside_of_the_keys_names_the_line(write: Write, toml: str, line: int, says: str) -> None:
    test_a_mistake_names_the_line(write, toml, line, says)


def test_an_id_without_quotes_is_told_to_need_them(write: Write) -> None:
    path = write('[keys]\n"event.reject" = "z"\nevent.accept = "y"')
    with pytest.raises(InputError, match="quotes") as raised:
        read_settings(path)
    assert f"{path}:3: " in str(raised.value)


@pytest.mark.parametrize(("key", "rather"), [("shift+a", "A"), ("return", "enter")])
def test_a_key_that_no_terminal_sends_is_refused(write: Write, key: str, rather: str) -> None:
    with pytest.raises(InputError, match=rather):
        read_settings(write(f'[keys]\n"event.accept" = "{key}"'))


def test_a_file_that_is_no_text_or_can_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes('theme = "dark" # für'.encode("latin-1"))
    with pytest.raises(InputError, match=r"config.toml: not UTF-8; save it as UTF-8"):
        read_settings(path)
    with pytest.raises(InputError, match=r"can't be read \(.+\); check its permissions"):
        read_settings(tmp_path)


def test_a_mistake_ends_the_command_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = set_config(tmp_path, monkeypatch, '[keys]\n"event.accept" = "alt+a"')
    assert main(["keys"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"eventdesk: {config}:2: ")
    assert said.count("\n") == 1


# Key maps


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("scope", SCOPES)
def test_in_a_shipped_set_a_key_means_one_thing_in_each_pane(name: str, scope: str) -> None:
    keymap = preset(name)
    pressed = [key for binding in SCOPES[scope] for key in keymap.keys(binding)]
    assert sorted(pressed) == sorted(set(pressed))


def test_the_arrows_move_by_no_letter() -> None:
    keymap = preset("arrows")
    for id_, binding in BINDINGS.items():
        if id_.startswith(("queue.", "fields.", "source.")) and id_ != "source.select":
            assert not any(len(key) == 1 for key in keymap.keys(binding)), id_


@pytest.mark.parametrize(
    ("written", "pressed", "shown"),
    [("!", "exclamation_mark", "!"), (" ", "space", "␣"), ("é", "é", "é"), ("F9", "f9", "F9"), ("Z", "Z", "Z"),
     ("Ctrl+E", "ctrl+e", "ctrl+e"), ("shift+pagedown", "shift+pagedown", "shift+pagedown"), ("up", "up", "↑")],
)  # fmt: skip
def test_a_key_is_written_as_it_is_read(written: str, pressed: str, shown: str) -> None:
    free = {"event.unsure": "F12", "event.skip": "F11", "queue.previous": "F10"}
    table = {**free, "source.up": "F8", "fields.previous": "F7", "event.accept": written}
    keymap = read_keymap(table, "", "test")
    assert keymap.keys(BINDINGS["event.accept"]) == (pressed,)
    assert keymap.shown(BINDINGS["event.accept"]) == shown


def set_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toml: str) -> Path:
    """Make it the configuration of this person."""
    path = tmp_path / "eventdesk" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(toml, encoding="utf-8")
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: path.parent)
    return path


@pytest.mark.parametrize(
    ("options", "mine"),
    [
        ([], '[keys]\n"event.accept" = ["+", "space"]\n"event.skip" = "é"'),
        (["--preset", "arrows"], ""),
        (["--preset", "vim"], ""),
    ],
)
def test_the_keys_as_toml_read_back_are_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    mine: str,
) -> None:
    set_config(tmp_path, monkeypatch, mine)
    before = preset(options[1]) if options else read_settings().keymap
    assert main(["keys", "--toml", *options]) == 0
    set_config(tmp_path, monkeypatch, capsys.readouterr().out)
    after = read_settings().keymap
    assert {id_: after.keys(item) for id_, item in BINDINGS.items()} == {
        id_: before.keys(item) for id_, item in BINDINGS.items()
    }


# The running app


def mapped(**changed: str) -> Settings:
    """Settings with other keys, by ids with _ for the dot."""
    return Settings(keymap=read_keymap({id_.replace("_", "."): key for id_, key in changed.items()}, "", "test"))


async def test_another_key_works_and_the_old_one_does_nothing(file: sqlite3.Connection) -> None:
    async with desk_of(file, settings=mapped(event_accept="z", event_reject="ctrl+e", fields_next="i")) as desk:
        await desk.press("a", "x")
        assert (event(file).revision, desk.asked) == (0, "")
        await desk.press("l", "j", "i")
        assert desk.fields.cursor == 1
        await desk.press("z", "ctrl+e", "g")
    assert event(file).status == "confirmed"
    assert event(file, "report-1/2").reason == "generic"


async def test_the_arrow_keys_set_works_while_selecting_too(file: sqlite3.Connection) -> None:
    async with desk_of(file, settings=Settings(keymap=preset("arrows"))) as desk:
        await desk.press("j", "right", "down", "v", "shift+right", "space", "shift+right", "s")
    total = next(item for item in event(file).live_fields if item.name == "total")
    assert (total.value, total.spans) == (40, (Span(13, 30),))


async def test_what_the_screen_tells_of_a_key_is_the_one_set(file: sqlite3.Connection) -> None:
    async with desk_of(file, settings=mapped(event_accept="F9", app_help="f1", select_word="ctrl+w")) as desk:
        assert "F9 accept" in desk.text("hints")
        await desk.press("v")
        assert "ctrl+w word" in desk.text("hints")
        await desk.press("escape", ":", *"accept the")
        assert "accept the event and go on  (F9)" in str(desk.screen.query_one("Suggestions").render())
        await desk.press("escape", "f1")
        await desk.idle()
        assert type(desk.app.screen).__name__ == "HelpScreen"
        assert "  F9          accept the event" in str(desk.app.screen.query_one("#help-keys").render())


async def test_f2_goes_through_all_four_looks(file: sqlite3.Connection) -> None:
    seen = []
    async with desk_of(file, settings=Settings(theme="light")) as desk:
        for _ in range(5):
            seen.append((desk.app.theme, desk.fields.rich_style.bgcolor))
            await desk.press("f2")
            assert f"theme: {desk.app.theme}" in desk.text("detail")
    assert [theme for theme, _ in seen] == ["light", "contrast", "terminal", "dark", "light"]
    assert len({background for _, background in seen}) == len(THEMES) == len(THEME_NAMES)


@pytest.mark.parametrize("theme", THEME_NAMES)
async def test_the_theme_that_is_set_is_the_one_at_the_start(file: sqlite3.Connection, theme: str) -> None:
    async with desk_of(file, settings=Settings(theme=theme)) as desk:
        await desk.press("?", "escape", "f", "escape", "n", "escape")
        assert desk.app.theme == theme
        background = desk.fields.rich_style.bgcolor
        assert background is not None
        if theme != "terminal":
            assert background.get_truecolor().hex == THEMES[theme].background


async def test_with_no_color_there_are_greys_alone(file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk_of(file) as desk:
        await desk.press("x")
        colours = colours_of(desk)
    assert colours
    assert all(len(set(colour)) == 1 for colour in colours)


@pytest.mark.parametrize(
    "theme",
    ["dark", "light", "contrast", "terminal"],
)
async def test_with_no_color_every_look_can_be_read(
    file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk_of(file, settings=Settings(theme=theme)) as desk:
        written = [segment.style for segment in painted(desk) if segment.text.strip() and segment.style]
    assert written
    assert all(style.color is None or style.color.is_default or style.color != style.bgcolor for style in written)


async def test_without_no_color_there_are_colours(file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    async with desk_of(file) as desk:
        assert any(len(set(colour)) > 1 for colour in colours_of(desk))


def painted(desk: Desk) -> list[Segment]:
    """What is on the screen, with the looks that the terminal is told."""
    return [segment for strip in desk.app.screen._compositor.render_strips() for segment in strip]


def colours_of(desk: Desk) -> set[tuple[int, int, int]]:
    """Every colour that is painted."""
    styles = [segment.style for segment in painted(desk) if segment.style]
    colours = [colour for style in styles for colour in (style.color, style.bgcolor) if colour]
    return {tuple(colour.get_truecolor()) for colour in colours}


async def test_f3_gives_the_mouse_to_the_terminal_and_takes_it_back(
    file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_of(file) as desk:
        written: list[str] = []
        monkeypatch.setattr(desk.app._driver, "write", written.append)
        await desk.press("f3")
        assert "mouse off" in desk.text("detail")
        assert "\x1b[?1000l" in "".join(written)
        assert "\x1b[?1000h" not in "".join(written)
        written.clear()
        await desk.press("f3")
        assert "mouse on" in desk.text("detail")
        assert "\x1b[?1000h" in "".join(written)


async def test_where_the_mouse_is_set_off_f3_turns_it_on(
    file: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_of(file, settings=Settings(mouse=False)) as desk:
        written: list[str] = []
        monkeypatch.setattr(desk.app._driver, "write", written.append)
        await desk.press("f3")
        assert "\x1b[?1000h" in "".join(written)


# The first run


async def hint_is_shown(file: sqlite3.Connection, seen: Path | None) -> bool:
    async with desk_of(file, settings=Settings(hint_seen=seen)) as desk:
        return bool(desk.screen.query_one("#hint").display)


async def test_beginners_are_told_once(file: sqlite3.Connection, tmp_path: Path) -> None:
    seen = tmp_path / "state" / "eventdesk" / "hint-seen"
    assert [await hint_is_shown(file, seen) for _ in range(3)] == [True, False, False]
    assert seen.exists()


async def test_where_nothing_can_be_kept_they_are_not_told_at_every_start(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("no folder")
    assert not await hint_is_shown(file, tmp_path / "state" / "hint-seen")
    assert not await hint_is_shown(file, None)


def test_where_not_even_a_look_is_possible_they_are_not_told(tmp_path: Path) -> None:
    """A folder without permission does the same, but not to root; a name that is too long does it to everybody."""
    assert not Settings(hint_seen=tmp_path / ("n" * 300) / "hint-seen").first_run()


async def test_a_decision_ends_the_hint_which_names_the_keys_that_are_set(
    file: sqlite3.Connection, tmp_path: Path
) -> None:
    settings = Settings(keymap=read_keymap({"event.accept": "F9"}, "", "test"), hint_seen=tmp_path / "seen")
    async with desk_of(file, settings=settings) as desk:
        hint = desk.screen.query_one("#hint")
        assert "F9 accepts an event" in str(hint.render())
        await desk.press("j")
        assert hint.display
        await desk.press("f9")
        assert not hint.display


def test_each_binding_says_what_it_does_in_some_scope() -> None:
    bound: list[Binding] = [binding for scope in SCOPES.values() for binding in scope]
    assert {binding.id for binding in bound} == set(BINDINGS)
