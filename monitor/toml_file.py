"""TOML files that people write: read, or refused in words that say where and what."""

import tomllib
from pathlib import Path
from typing import Any

from monitor.errors import UserError


def read_toml(path: Path, named_by: str) -> dict[str, Any]:
    """What a TOML file in UTF-8 says. Raises UserError.

    `named_by`: the setting or option where somebody wrote the path.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; {named_by} names a TOML file") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: not TOML: {error}") from None
