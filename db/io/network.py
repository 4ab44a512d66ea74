"""Detects files on network file systems, where SQLite's locks are unreliable.

SQLite advises against a write-ahead log there (https://www.sqlite.org/wal.html): machines don't share the memory that
coordinates writers.
"""

import os
import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")  # only on Linux; elsewhere no network file system is detected
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|gpfs|ocfs2|gfs2|beegfs|davfs|virtiofs|vboxsf|prl_fs"
    r"|fuse\.(?:sshfs|s3fs|rclone|davfs2?|glusterfs|ceph\S*|gcsfuse|smbnetfs|curlftpfs|vmhgfs-fuse|goofys|blobfuse\d?)"
)
_ESCAPED = re.compile(r"\\([0-7]{3})")


def network_filesystem(path: Path, mounts: Path = _MOUNTS) -> str | None:
    """Return the type of a file's file system if it is on a network or on a virtual machine's host, else None."""
    try:
        lines = mounts.read_bytes().decode(errors="surrogateescape").splitlines()
        real_path = os.path.realpath(path)
    except OSError:
        return None
    best, found = "", None
    for line in lines:
        left, _, right = line.partition(" - ")
        parts, kind = left.split(" "), right.split(" ", 1)[0]
        if len(parts) < 5:
            continue
        point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), parts[4])
        inside = real_path == point or real_path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):  # the later of two mounts at one point hides the other
            best, found = point, kind
    return found if found and _NETWORK.fullmatch(found) else None


def warning(path: Path) -> str | None:
    """Return a warning for a file on a network file system, else None."""
    kind = network_filesystem(path)
    if kind is None:
        return None
    return (
        f"{path} is on a network file system ({kind}); two machines that write to it at once can damage it:"
        " review it from one machine only, or copy it to a local disk"
    )
