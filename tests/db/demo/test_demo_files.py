"""The demo as files: a newcomer can type every command on them."""

from contextlib import closing
from pathlib import Path

import pytest

from db.demo.files import NAMES, write_files
from db.errors import InputError
from db.store.sqlite import connect_alone


def test_the_demo_is_written_as_a_database_a_table_and_json_lines(tmp_path: Path) -> None:
    paths = write_files(tmp_path / "new" / "try-it")
    assert [path.name for path in paths] == list(NAMES)
    with closing(connect_alone(paths[0])) as connection:
        attacks = connection.execute(
            "SELECT attacks.killed, instr(articles.body, attacks.location) FROM attacks"
            " JOIN articles ON articles.id = attacks.article_id"
        ).fetchall()
        transfers = connection.execute(
            "SELECT handovers.event_type, transfers.giver, transfers.count FROM transfers"
            " JOIN handovers ON handovers.id = transfers.event_id"
        ).fetchall()
    assert len(attacks) > 10
    assert any(found for _, found in attacks)
    assert ("repatriation_of_remains", "Varenia", 388) in transfers
    columns = paths[1].read_text("utf-8").splitlines()[0].split(",")
    assert columns[:3] == ["id", "date", "location"]
    assert columns[-5:] == ["report", "title", "publisher", "url", "published"]


def test_a_file_that_exists_is_kept(tmp_path: Path) -> None:
    (tmp_path / NAMES[1]).write_text("mine")
    with pytest.raises(InputError, match="already exists"):
        write_files(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [NAMES[1]]
    with pytest.raises(InputError, match="choose another name"):
        write_files(tmp_path / NAMES[1])
