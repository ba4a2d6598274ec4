"""Everything a child may need to import, imported before it is sealed, and the door shut after.

A sealed child can open no file, so an import after it fails. It then fails here, with a clear
error and alike whether or not the kernel helps, instead of deep in the import system.
"""

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

LIBRARIES = (
    "asn1crypto",
    "cryptography.hazmat.primitives",
    "cryptography.hazmat.backends",
    "cryptography.x509",
    "email",
    "lxml.etree",
    "pyhanko.pdf_utils",
    "pyhanko.sign",
    "pyhanko_certvalidator",
)
"""Packages that import parts of themselves, or of each other, while they work."""

JUDGING = ("monitor.extract", "monitor.verify")
"""The product's own packages that use them."""


def preload(target_module: str) -> None:
    """Import the target's package with all its parts, and what it judges by in the same way."""
    judges = any(name in sys.modules for name in JUDGING)
    for name in (target_module, "encodings", *((*JUDGING, *LIBRARIES) if judges else ())):
        _import_tree(name)


def _import_tree(name: str) -> None:
    module = _import(name)
    if module is None:
        return
    for part in pkgutil.walk_packages(getattr(module, "__path__", ()), name + "."):
        if not part.name.endswith("__main__"):
            _import(part.name)


def _import(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        # a part that needs an optional library which is not installed: nobody can use it
        return None


class _Shut:
    """A finder in front of all others that finds nothing and ends the search."""

    @staticmethod
    def find_spec(
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG004
        target: ModuleType | None = None,  # noqa: ARG004
    ) -> ModuleSpec | None:
        raise ModuleNotFoundError(f"{fullname} is imported after sealing", name=fullname)


def shut_imports() -> None:
    """From now on only what is already imported can be imported."""
    sys.meta_path.insert(0, _Shut)
