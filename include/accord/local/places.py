"""Where the local stack keeps its files, and as whom Postgres runs. Only a permission probe is started here."""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from accord.local.errors import StackError

# Postgres refuses to run as root. `postgres` exists where a Debian package brought it, `nobody` everywhere.
_SERVICE_USERS = ("postgres", "nobody")


class RunAs(TypedDict, total=False):
    """Keyword arguments of `subprocess.run` that give up root; empty for a normal user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class ServiceUser:
    """The account Postgres runs as; None of both means: as whoever calls."""

    uid: int | None = None
    gid: int | None = None

    def run_as(self) -> RunAs:
        """Return what to pass to `subprocess.run` so that the process runs as this account."""
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or directory to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Return whether this account may enter a directory or run a file, every parent included."""
        if self.uid is None:
            return os.access(path, os.X_OK)
        probe = subprocess.run(["test", "-x", str(path)], cwd="/", check=False, **self.run_as())
        return probe.returncode == 0


def service_user() -> ServiceUser:
    """Return the account for Postgres: the caller, or for root an unprivileged one.

    Raises:
        StackError: the caller is root and none of the usual accounts exists.
    """
    if os.geteuid() != 0:
        return ServiceUser()
    for name in _SERVICE_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServiceUser(entry.pw_uid, entry.pw_gid)
    raise StackError(f"Postgres refuses to run as root and none of the users {', '.join(_SERVICE_USERS)} exists")


def runtime_directory(project: Path) -> Path:
    """Return the directory for everything the stack writes: `var/` of the project, or one under /var/tmp.

    The second is used by root when the project lies below a directory that Postgres' account may not enter (/root).
    """
    inside = project / "var"
    inside.mkdir(exist_ok=True)
    if service_user().reaches(inside):
        return inside
    outside = fallback_directory(inside)
    outside.mkdir(mode=0o755, exist_ok=True)
    return outside


def fallback_directory(instead_of: Path) -> Path:
    """Return the path below /var/tmp that stands for one which an account cannot enter; its parent exists.

    Raises:
        StackError: somebody else's directory, or a link, is in the way.
    """
    shared = Path(f"/var/tmp/accord-{os.geteuid()}")  # noqa: S108 - proven to be ours in the next lines
    shared.mkdir(mode=0o755, exist_ok=True)
    if shared.is_symlink() or shared.stat().st_uid != os.geteuid():
        raise StackError(f"{shared} belongs to somebody else: remove it or ask its owner")
    return shared / hashlib.sha256(str(instead_of.resolve()).encode()).hexdigest()[:12]
