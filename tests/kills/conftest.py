"""One demo in which everything dies once, with its stack still up for the tests to look at."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parents[2]
_IMPATIENT = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
}
"""How soon Airflow finds out that nobody watches over a task any more: five minutes, where nobody says otherwise."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for it in items:
        if Path(__file__).parent in it.path.parents:
            # The first test waits for all deaths, and each of them for a retry.
            it.add_marker(pytest.mark.timeout(2_400))


@pytest.fixture(scope="module")
def project(request):
    """A project of its own with our code, so that neither a demo that is up nor its data is touched."""
    place = Path(tempfile.mkdtemp(prefix="accord-kills-"))
    # Postgres gives up root, and must be able to pass through.
    place.chmod(0o755)
    for name in ("dags", "plugins", "include"):
        (place / name).symlink_to(_PROJECT / name)
    yield place
    if request.session.testsfailed:
        print(f"\nThe logs are in {place / 'var'}")  # noqa: T201 - said to whoever has to find out why
    else:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
def lived(project):
    """The demo after all its deaths, with its stack still up."""
    from accord.local.stack import Stack
    from kills.lived import lived_through

    stack = Stack(project)
    # What other tests set for an Airflow of their own is none of this one's business.
    others = {name for name in os.environ if name.startswith("AIRFLOW")}
    with pytest.MonkeyPatch.context() as patch:
        for name in others:
            patch.delenv(name)
        for name, value in _IMPATIENT.items():
            patch.setenv(name, value)
        try:
            yield lived_through(stack)
        finally:
            stack.stop()
