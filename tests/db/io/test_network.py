"""Network file systems are detected from the list of mounts."""

import os
from pathlib import Path

import pytest

from db.io.network import network_filesystem, warning

MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:5 / /mnt/news rw,relatime shared:2 master:1 - nfs4 server:/news rw,vers=4.2
23 21 0:6 / /mnt/news/local rw - ext4 /dev/sdb1 rw
24 21 0:7 / /mnt/with\\040space rw - cifs //server/share rw
25 21 0:8 / /home/ana/remote rw - fuse.sshfs ana@server: rw
26 21 0:9 / /mnt/twice rw - nfs server:/a rw
27 21 0:9 / /mnt/twice rw - tmpfs tmpfs rw
28 21 0:10 / /mnt/newspaper rw - btrfs /dev/sdc rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/mnt/news/war.db", "nfs4"),
        ("/mnt/news/local/war.db", None),
        ("/mnt/newspaper/war.db", None),
        ("/mnt/with space/war.db", "cifs"),
        ("/home/ana/remote/deep/war.db", "fuse.sshfs"),
        ("/mnt/twice/war.db", None),
        ("/home/ana/war.db", None),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert network_filesystem(Path(path), mounts) == kind


def test_a_link_counts_as_its_target(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    (tmp_path / "far").mkdir()
    os.symlink(tmp_path / "far", tmp_path / "near")
    mounts.write_text(f"{MOUNTS}30 21 0:5 / {tmp_path}/far rw - nfs4 server:/x rw\n")
    assert network_filesystem(tmp_path / "near" / "war.db", mounts) == "nfs4"


def test_without_a_list_of_mounts_there_is_no_warning(tmp_path: Path) -> None:
    assert network_filesystem(tmp_path / "war.db", tmp_path / "no-such-file") is None
    assert warning(tmp_path / "war.db") is None
