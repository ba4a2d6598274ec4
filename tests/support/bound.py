"""Programs that tests start and that end with them, also when the tests are killed outright."""

import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

from monitor.record.process import PR_SET_PDEATHSIG

_LIBC = ctypes.CDLL(None)


def start(command: Sequence[str], **how: Any) -> subprocess.Popen[Any]:
    """`subprocess.Popen(command, **how)`; the kernel ends it (SIGTERM) when the tests have ended.

    It does so when the *thread* that called ends (prctl(2)): from any but the main one, whose end
    is not that of the tests, a program is started as ever.
    """
    if threading.current_thread() is not threading.main_thread():
        return subprocess.Popen(command, **how)
    parent = os.getpid()

    def bind() -> None:
        _LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return subprocess.Popen(command, preexec_fn=bind, **how)  # noqa: PLW1509 - one system call
