"""The process that fuzzes: `python -m tests.fuzz.child FORMAT FOLDER SECONDS SEED ENGINE`.

The code under test is imported below an import hook where coverage is wanted, so nothing of it may
be imported before.
"""

import importlib
import sys
from pathlib import Path

_COVERED = ["monitor.verify", "monitor.extract", "monitor.examine"]


def main() -> None:
    name, folder, seconds, seed, engine = sys.argv[1:]
    if engine == "guided":
        import atheris

        with atheris.instrument_imports(include=_COVERED):
            importlib.import_module("monitor.examine.examiner")
    from tests.fuzz.engine import Journal, blind, guided
    from tests.fuzz.seeds import WORLDS
    from tests.fuzz.targets import target
    from tests.fuzz.world import World

    where = Path(folder)
    if not (where / "world.json").exists():
        WORLDS[name]().save(where)
    chosen, journal = target(name, World.load(where)), Journal.open(where)
    if engine == "guided":
        guided(chosen, journal, int(seconds), int(seed), where)
    else:
        blind(chosen, journal, float(seconds), int(seed))


if __name__ == "__main__":
    main()
