"""Tells whether a file is on a file system of another machine, where SQLite's locks can't be relied on.

SQLite's own advice is never to use a WAL there (https://www.sqlite.org/wal.html, "does not work over a network
filesystem"): the shared memory that keeps writers apart is not shared between machines.
"""

import os
import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")  # Linux alone has it; elsewhere nothing is known
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|gpfs|ocfs2|gfs2|beegfs|davfs|virtiofs|vboxsf|prl_fs"
    r"|fuse\.(?:sshfs|s3fs|rclone|davfs2?|glusterfs|ceph\S*|gcsfuse|smbnetfs|curlftpfs|vmhgfs-fuse|goofys|blobfuse\d?)"
)
_ESCAPED = re.compile(r"\\([0-7]{3})")


def network_filesystem(path: Path, mounts: Path = _MOUNTS) -> str | None:
    """The type of the file system that a file is on, if it is one of a network or of a virtual machine's host."""
    try:
        lines = mounts.read_bytes().decode(errors="surrogateescape").splitlines()
        there = os.path.realpath(path)
    except OSError:
        return None
    best, found = "", None
    for line in lines:
        left, _, right = line.partition(" - ")
        parts, kind = left.split(" "), right.split(" ", 1)[0]
        if len(parts) < 5:
            continue
        point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), parts[4])
        inside = there == point or there.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):  # of two on one point, the later one is seen
            best, found = point, kind
    return found if found and _NETWORK.fullmatch(found) else None


def warning(path: Path) -> str | None:
    """What a person should know before deciding in a file there; None where it is on a disk of this machine."""
    kind = network_filesystem(path)
    if kind is None:
        return None
    return (
        f"{path} is on a network file system ({kind}): two machines that write to it at once can damage it;"
        " review it from one machine, or copy it to a local disk"
    )
