"""The system-call filter of a child: a classic BPF program, built here and given to the kernel.

Allow-list. What is not on it fails with EPERM, so that a stray lazy import or file access is an
ordinary exception and costs one item its verdict; what only an attacker would call kills the
process at once. Memory that is writable can never become executable. seccomp(2), bpf in
linux/filter.h; numbers from asm/unistd_64.h (x86_64) and asm-generic/unistd.h (aarch64).
"""

import ctypes
import platform
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Numbers = tuple[int | None, int | None]

ALLOWED: dict[str, Numbers] = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "futex": (202, 98),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "restart_syscall": (219, 128),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sysinfo": (99, 179),
    "poll": (7, None),
    "ppoll": (271, 73),
    "getcpu": (309, 168),
    "membarrier": (324, 283),
    "rseq": (334, 293),
    "getrlimit": (97, 163),
}
"""Name to its numbers on x86_64 and aarch64; None where the call does not exist."""

FATAL: dict[str, Numbers] = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "mount": (165, 40),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "setns": (308, 268),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "open_by_handle_at": (304, 265),
}
CLIENT = ("socket", "connect", "bind")
"""Fatal calls that a client of the network needs; glibc binds its socket to the kernel's list of
addresses (getaddrinfo(3))."""
LIMITED = {"mmap": (9, 222), "mprotect": (10, 226), "prlimit64": (302, 261)}
"""Allowed with some arguments only."""

ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050001, 0x80000000
"""SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO with EPERM, SECCOMP_RET_KILL_PROCESS."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _THIRD_LOW, _THIRD_HIGH = 0, 4, 32, 36
"""Offsets in struct seccomp_data; both architectures are little-endian."""
_PROT_EXEC = 4
_X32_BIT = 0x40000000
"""x86_64 kernels answer a second table of calls under this bit: none of them is wanted."""

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

Instruction = tuple[int, int, int, int]


@dataclass(frozen=True)
class Machine:
    """An architecture as seccomp knows it."""

    audit: int
    """AUDIT_ARCH_* of linux/audit.h."""
    column: int
    """Which of the two numbers of a call is this machine's."""
    has_x32: bool = False


MACHINES = {"x86_64": Machine(0xC000003E, 0, has_x32=True), "aarch64": Machine(0xC00000B7, 1)}


def program(machine: Machine) -> list[Instruction]:
    """The filter as (code, jump if true, jump if false, constant)."""
    code = [*_of_machine(machine), *_each(machine, ALLOWED, ALLOW), *_each(machine, FATAL, KILL)]
    for name in ("mmap", "mprotect"):
        code += _never_executable(LIMITED[name][machine.column])
    code += _only_asking(LIMITED["prlimit64"][machine.column])
    return [*code, (_RETURN, 0, 0, ERRNO)]


def networked_program(machine: Machine) -> list[Instruction]:
    """For a client of the network: everything but the fatal calls, of which it keeps `CLIENT`."""
    fatal = {name: numbers for name, numbers in FATAL.items() if name not in CLIENT}
    return [*_of_machine(machine), *_each(machine, fatal, KILL), (_RETURN, 0, 0, ALLOW)]


def _of_machine(machine: Machine) -> list[Instruction]:
    """Another architecture's calls are fatal; the number of the call is loaded behind it."""
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    return code + [(_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, KILL)] * machine.has_x32


def _each(machine: Machine, calls: Mapping[str, Numbers], action: int) -> Iterator[Instruction]:
    for numbers in calls.values():
        number = numbers[machine.column]
        if number is not None:
            yield from ((_EQUAL, 0, 1, number), (_RETURN, 0, 0, action))


def _never_executable(number: int) -> list[Instruction]:
    """Allow mmap and mprotect, whose third argument is the protection, but for PROT_EXEC."""
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _THIRD_LOW),
        (_ANY_BIT, 0, 1, _PROT_EXEC),
        (_RETURN, 0, 0, ERRNO),
        (_RETURN, 0, 0, ALLOW),
    ]


def _only_asking(number: int) -> list[Instruction]:
    """prlimit64 that reads a limit: its third argument, the new limit, is null."""
    return [
        (_EQUAL, 0, 6, number),
        (_LOAD, 0, 0, _THIRD_LOW),
        (_EQUAL, 0, 3, 0),
        (_LOAD, 0, 0, _THIRD_HIGH),
        (_EQUAL, 0, 1, 0),
        (_RETURN, 0, 0, ALLOW),
        (_RETURN, 0, 0, ERRNO),
    ]


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(*, networked: bool = False) -> str | None:
    """Put this process under the filter for good; None, or why it could not be done.

    Needs no_new_privs. By prctl rather than seccomp(2): service managers that narrow the system
    calls of the daemon allow the first.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return f"seccomp: no filter for the architecture {platform.machine()}"
    code = networked_program(machine) if networked else program(machine)
    packed = b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
    filter_program = _Program(len(code), packed)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filter_program), 0, 0):
        return f"seccomp: the kernel refused the filter (errno {ctypes.get_errno()})"
    return None
