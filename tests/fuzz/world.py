"""What a fuzzing run judges by: a generated PKI, the files it signed, files to borrow from.

Keys are made anew by every process, so a world is written to the run's folder once and read from
there afterwards: a finding can then be judged again by exactly what found it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from monitor.model import Moment, TrustMaterial

_LARGEST = 200_000


@dataclass(frozen=True)
class World:
    """Trust, time and files; every file of `genuine` is judged `valid` by them."""

    material: TrustMaterial
    moment: Moment
    genuine: tuple[bytes, ...]
    other: tuple[bytes, ...] = ()
    """Signed by nobody trusted here, or not signed: never valid, but worth borrowing from."""
    content: bytes | None = None
    """What detached signatures are judged over."""
    kept: tuple[bytes, ...] = ()
    """Fixed companions of the fuzzed piece; what they are is the target's own knowledge."""

    def save(self, folder: Path) -> None:
        for name in ("genuine", "other", "kept"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            for number, data in enumerate(getattr(self, name)):
                (folder / name / f"{number:03}").write_bytes(data)
        (folder / "world.json").write_text(
            json.dumps({
                "material": self.material.model_dump(mode="json"),
                "moment": self.moment.model_dump(mode="json"),
                "content": None if self.content is None else self.content.hex(),
            })
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> "World":
        stored = json.loads((folder / "world.json").read_text())
        content = stored["content"]
        return cls(
            material=TrustMaterial.model_validate(stored["material"]),
            moment=Moment.model_validate(stored["moment"]),
            genuine=_files(folder / "genuine"),
            other=_files(folder / "other"),
            kept=_files(folder / "kept"),
            content=None if content is None else bytes.fromhex(content),
        )


def _files(folder: Path) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(folder.iterdir()))


def corpus_files(corpus: Path | None, kind: str, limit: int = 60) -> tuple[bytes, ...]:
    """Small real files of a kind, where they are at hand: read in place, never stored here."""
    if corpus is None:
        return ()
    paths = sorted((corpus / "files" / kind).iterdir(), key=lambda path: path.stat().st_size)
    small = [path for path in paths if path.is_file() and path.stat().st_size < _LARGEST]
    return tuple(path.read_bytes() for path in small[:limit])
