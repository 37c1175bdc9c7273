"""Programs that ship inside Python wheels, found without importing the wheel."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from importlib.metadata import version
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


def tree_for(user: ServiceUser, package: str, parts: tuple[str, ...]) -> Path:
    """Return a directory with some folders of a wheel, from which an account may run programs.

    It is the one the wheel is installed in, or a copy when the account may not enter that: a virtual environment below
    /root is closed to the account that Postgres runs as. Programs find their libraries by relative paths, so the
    folders lie in a copy as they do in the wheel.

    Raises:
        StackError: the package is not installed.
    """
    site = package_directory(package).parent
    if user.reaches(site / parts[0]):
        return site
    copy = fallback_directory(site / f"{package}-{version(package)}")
    if not copy.exists():
        _copy(site, copy, parts)
    return copy


def _copy(site: Path, copy: Path, parts: tuple[str, ...]) -> None:
    """Copy the folders that exist; the copy appears at once and whole, also when two processes make it."""
    unfinished = Path(tempfile.mkdtemp(dir=copy.parent))
    for part in parts:
        if (site / part).exists():
            shutil.copytree(site / part, unfinished / part, symlinks=True)
    unfinished.chmod(0o755)
    try:
        unfinished.rename(copy)
    except OSError:
        shutil.rmtree(unfinished)
        if not copy.exists():
            raise
