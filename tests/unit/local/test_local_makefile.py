import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
PROMISED = {"setup", "demo", "celery", "up", "down", "logs", "test", "check", "fix", "bench", "lock"}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_help_lists_every_target_with_a_sentence():
    shown = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE))
    targets = set(re.findall(r"^\.PHONY: (\S+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert listed == targets
    assert listed >= PROMISED


def test_ci_calls_the_targets_that_people_call():
    steps = re.findall(r"^step \S+ make (\S+)$", (PROJECT / ".ci" / "run").read_text(), re.MULTILINE)
    assert steps == ["setup", "check", "test"]
