"""What tests have started ends with them, whatever ends them."""

import subprocess
import sys
import time
from pathlib import Path

STARTS = """
import sys, time
from tests.support import bound
print(bound.start(["sleep", "300"]).pid, flush=True)
time.sleep(300)
"""


def ends(pid: int) -> bool:
    """Within half a minute; what is left of it waits for whoever takes it over."""
    for _ in range(600):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_program_ends_when_the_tests_that_started_it_are_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTS], stdout=subprocess.PIPE) as tests:
        assert tests.stdout
        started = int(tests.stdout.readline())
        tests.kill()
    assert ends(started)
