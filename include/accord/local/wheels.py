"""Programs that ship inside Python wheels, found without importing the wheel."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from accord.local.errors import StackError
from accord.local.places import fallback_directory

if TYPE_CHECKING:
    from accord.local.places import ServiceUser


def package_directory(package: str) -> Path:
    """Return where an installed package lies.

    Raises:
        StackError: it is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise StackError(f"the Python package {package} is not installed: run `make setup`")
    return Path(found.origin).parent


def installation_for(user: ServiceUser, installation: Path) -> Path:
    """Return a directory tree that an account may run programs from: the given one, or a copy when it may not enter.

    A virtual environment below /root is closed to the account that Postgres runs as.
    """
    if user.reaches(installation):
        return installation
    copy = fallback_directory(installation)
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=copy.parent))
        shutil.copytree(installation, unfinished / "tree", symlinks=True)
        _keep_first(unfinished / "tree", copy)
        shutil.rmtree(unfinished)
    return copy


def _keep_first(source: Path, target: Path) -> None:
    """Move a directory into place unless another process was quicker."""
    try:
        source.rename(target)
    except OSError:
        if not target.exists():
            raise
