"""All benches, one after the other: `make bench`, or `python -m bench intake verify`.

Figures are ratios against public tools in the same run: machines differ, and so do their hours.
"""

import argparse
import subprocess
import sys

BENCHES = (
    "intake",
    "verify",
    "lists",
    "endtoend",
    "logs",
    "roster",
    "register",
    "accounts",
    "figures",
    "metrics",
    "coverage",
    "views",
    "mailbox",
    "drops",
    "report",
    "posture",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__.partition("\n")[0],
        epilog="Options of one: python -m bench.NAME --help",
    )
    parser.add_argument("name", nargs="*", help=", ".join(BENCHES))
    wanted = parser.parse_args().name or BENCHES
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        sys.stderr.write(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}\n")
        return 2
    failed = 0
    for name in wanted:
        print(f"\n== {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
