"""The system-call filter, run through a small machine of our own for both architectures."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.isolate import landlock, seccomp
from monitor.isolate.seccomp import ALLOW, ERRNO, KILL, MACHINES

X86, ARM = MACHINES["x86_64"], MACHINES["aarch64"]
READ_WRITE, READ_EXECUTE = 3, 5


def run(
    machine: seccomp.Machine,
    number: int,
    third: int = 0,
    audit: int | None = None,
    program: Callable[[seccomp.Machine], list[seccomp.Instruction]] = seccomp.program,
) -> int:
    """What the program answers: the four instructions of classic BPF that it uses."""
    data = {
        0: number,
        4: machine.audit if audit is None else audit,
        32: third & 0xFFFFFFFF,
        36: third >> 32,
    }
    code, at, accumulator = program(machine), 0, 0
    while True:
        operation, when_true, when_false, constant = code[at]
        at += 1
        if operation == 0x06:
            return constant
        if operation == 0x20:
            accumulator = data[constant]
            continue
        test = {
            0x15: accumulator == constant,
            0x35: accumulator >= constant,
            0x45: bool(accumulator & constant),
        }[operation]
        at += when_true if test else when_false


@pytest.mark.parametrize(
    ("machine", "number", "third", "answer"),
    [
        (X86, 0, 0, ALLOW),  # read
        (ARM, 63, 0, ALLOW),
        (X86, 257, 0, ERRNO),  # openat
        (ARM, 56, 0, ERRNO),
        (X86, 2, 0, ERRNO),  # open
        (X86, 262, 0, ERRNO),  # newfstatat
        (X86, 56, 0, ERRNO),  # clone
        (X86, 435, 0, ERRNO),  # clone3
        (ARM, 220, 0, ERRNO),
        (X86, 157, 0, ERRNO),  # prctl
        (X86, 317, 0, ERRNO),  # seccomp
        (X86, 59, 0, KILL),  # execve
        (ARM, 221, 0, KILL),
        (X86, 41, 0, KILL),  # socket
        (ARM, 198, 0, KILL),
        (X86, 9, READ_WRITE, ALLOW),  # mmap
        (X86, 9, READ_EXECUTE, ERRNO),
        (ARM, 222, READ_EXECUTE, ERRNO),
        (X86, 10, READ_WRITE, ALLOW),  # mprotect
        (X86, 10, READ_EXECUTE, ERRNO),
        (ARM, 226, READ_EXECUTE, ERRNO),
        (X86, 302, 0, ALLOW),  # prlimit64, asking
        (X86, 302, 0x7FFF_0000_1000, ERRNO),  # and setting
        (X86, 302, 0x7FFF_0000_0000, ERRNO),
        (ARM, 261, 0xFFFF_0000_0000, ERRNO),
        (X86, 100_000, 0, ERRNO),
    ],
)
def test_a_call_is_answered(machine: seccomp.Machine, number: int, third: int, answer: int) -> None:
    assert run(machine, number, third) == answer


def test_a_foreign_architecture_and_the_x32_table_are_fatal() -> None:
    i386 = 0x40000003
    assert run(X86, 0, audit=i386) == KILL
    assert run(ARM, 63, audit=X86.audit) == KILL
    assert run(X86, 0x40000000) == KILL


def test_every_jump_of_the_filter_stays_inside_it() -> None:
    for machine in MACHINES.values():
        code = seccomp.program(machine)
        assert code[-1][0] == 0x06
        for at, (_, when_true, when_false, _) in enumerate(code):
            assert at + 1 + max(when_true, when_false) < len(code) or code[at][0] == 0x06


HEADERS = {
    0: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    1: Path("/usr/include/asm-generic/unistd.h"),
}


@pytest.mark.parametrize("column", HEADERS)
def test_the_numbers_are_those_of_the_kernels_headers(column: int) -> None:
    header = HEADERS[column]
    if not header.exists():
        pytest.skip(f"{header} is not installed (linux-libc-dev)")
    pattern = re.compile(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", re.MULTILINE)
    numbers = {name: int(number) for name, number in pattern.findall(header.read_text("ascii"))}
    calls = seccomp.ALLOWED | seccomp.FATAL | seccomp.LIMITED
    ours = {name: pair[column] for name, pair in calls.items() if pair[column] is not None}
    assert ours == {name: numbers[name] for name in ours}


@pytest.mark.parametrize(
    ("version", "rights", "size"),
    [(1, 13, 8), (2, 14, 8), (3, 15, 8), (4, 15, 16), (5, 16, 16), (6, 16, 24), (9, 16, 24)],
)
def test_the_ruleset_has_the_shape_of_its_landlock_version(
    version: int, rights: int, size: int
) -> None:
    rules = landlock.ruleset(version)
    assert len(rules) == size
    assert int.from_bytes(rules[:8], "little") == 2**rights - 1


@pytest.mark.parametrize(
    ("machine", "number", "answer"),
    [
        (X86, 41, ALLOW),  # socket
        (ARM, 203, ALLOW),  # connect
        (X86, 257, ALLOW),  # openat: Landlock's to decide
        (X86, 59, KILL),  # execve
        (ARM, 281, KILL),  # execveat
        (X86, 50, KILL),  # listen
        (X86, 62, KILL),  # kill
        (ARM, 117, KILL),  # ptrace
        (X86, 425, KILL),  # io_uring_setup
    ],
)
def test_a_client_of_the_network_connects_and_starts_nothing(
    machine: seccomp.Machine, number: int, answer: int
) -> None:
    assert run(machine, number, program=seccomp.networked_program) == answer
    assert run(machine, 0, audit=1, program=seccomp.networked_program) == KILL
