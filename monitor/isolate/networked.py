"""What a process that asks the network gives up: identity, privileges, writing, most of reading.

It keeps what a client of the network needs: outgoing connections, and the system's files for
names and certificates.
"""

import importlib
import pkgutil
import resource
import sys
from collections.abc import Iterable

from monitor.errors import IsolationError
from monitor.isolate import landlock, seccomp
from monitor.isolate.sandbox import (
    be_the_first_to_go,
    become_nobody,
    die_with,
    limit_memory,
    no_new_privileges,
)

READABLE = (
    "/usr", "/lib", "/lib64", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/resolv.conf",
    "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/localtime",
    "/etc/ld.so.cache", "/run/systemd/resolve", "/run/resolvconf", "/run/nscd", "/dev/urandom",
    "/dev/null",
)  # fmt: skip


def preload(packages: Iterable[str]) -> None:
    """What libraries would import while they work, out of files that cannot be read then."""
    for name in packages:
        package = importlib.import_module(name)
        for part in pkgutil.walk_packages(package.__path__, name + "."):
            try:
                importlib.import_module(part.name)
            except ImportError:
                continue  # for another system, or an extra that is not installed


def confine(parent: int, memory_bytes: int, *, alone: bool = False) -> None:
    """Give up what is not needed, for good; call it when everything is imported.

    Raises IsolationError where root cannot be left. Landlock is used where the kernel has it;
    for a process that is to be `alone`, seccomp as well: it starts no program, listens to nobody
    and touches no other process.
    """
    be_the_first_to_go()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    limit_memory(memory_bytes)
    missing: list[str] = []
    if not become_nobody(missing):
        raise IsolationError("; ".join(missing))
    die_with(parent)  # the kernel forgets it with a change of user
    if no_new_privileges():
        landlock.restrict((*READABLE, sys.prefix, sys.base_prefix), connect=True)
        if alone:
            seccomp.install(networked=True)
