"""Completion scripts: shells can read them, and they offer commands, options and choices."""

import shutil
import subprocess

import pytest

from tui.cli import main
from tui.commands import COMMANDS

_BASH = """
source "$1"
complete_words() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _shtab_eventdesk
    printf '%s\\n' "${COMPREPLY[@]}"
}
shift
complete_words "$@"
"""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_names_every_command_and_its_options(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completions", shell]) == 0
    script = capsys.readouterr().out
    for text in (*COMMANDS, "group-by", "salvage", "utf16"):
        assert text in script
    if program := shutil.which(shell):
        parsed = subprocess.run([program, "-n"], input=script, capture_output=True, text=True, timeout=30)
        assert (parsed.returncode, parsed.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["eventdesk", ""], set(COMMANDS)),
        (["eventdesk", "re"], {"review", "restore"}),
        (["eventdesk", "find", "--"], {"--fields", "--limit", "--group-by", "--sum", "--json", "--csv"}),
        (["eventdesk", "completions", ""], {"bash", "zsh", "fish"}),
    ],
)
def test_bash_offers_what_fits(
    words: list[str], offered: set[str], tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completions", "bash"]) == 0
    script = tmp_path_factory.mktemp("bash") / "eventdesk"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    command = ["bash", "-c", _BASH, "bash", str(script), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert offered <= set(done.stdout.split())


def test_an_unknown_shell_is_an_error_of_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["completions", "tcsh"])
    assert stopped.value.code == 2
    assert "invalid choice: 'tcsh'" in capsys.readouterr().err
