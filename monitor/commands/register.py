"""`congvu register import`: exports of document systems into the record."""

import json
import sys

from monitor.commands.tables import show, table
from monitor.register.profile import FOLDER, load_profile, shipped


def list_profiles(*, as_json: bool) -> int:
    """The profiles that congvu brings along."""
    profiles = {name: load_profile(name) for name in shipped()}
    if as_json:
        for name, each in profiles.items():
            said = {
                "name": name, "title": each.title, "direction": each.direction,
                "confirmed": each.confirmed, "known": each.known.strip(),
                "file": str(FOLDER / f"{name}.toml"),
            }  # fmt: skip
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        return 0
    listed = table("name", "direction", "confirmed", "title", keep=("name",))
    for name, each in profiles.items():
        confirmed = "yes" if each.confirmed else "no: an example"
        listed.add_row(name, each.direction or "either", confirmed, each.title)
    show(listed)
    sys.stdout.write(
        "An example is confirmed by nobody: compare it with a real export, copy the file, set\n"
        f"confirmed = true and give the copy as --profile FILE. They lie in {FOLDER}\n"
    )
    return 0
