"""How a person is known in the record: by staff number, or by mail address without one."""

import unicodedata

from monitor.record.sealing import Sealer

SEAL = "person"
"""Purpose that keys of people are sealed for (`person.sealed_key`)."""
NAME_SEAL = "person name"
"""Purpose that names of people are sealed for (`person.sealed_name`)."""


def person_pseudonym(
    sealer: Sealer, source: str, staff_number: str | None, address: str | None
) -> tuple[int, bytes]:
    """`person.pseudonym` and `person.sealed_key`, from which a new key computes it anew.

    Of the source and its staff number; without one of the mail address, whatever the source.
    The sealed key is another one at each call: compare pseudonyms, and write it for new people
    only. Raises ValueError when both are missing.
    """
    text = key_text(source, staff_number, address)
    sealed = sealer.seal(text, SEAL)
    assert sealed is not None  # noqa: S101 - the text is never empty
    return sealer.pseudonym(text), sealed


def key_text(source: str, staff_number: str | None, address: str | None) -> str:
    """What a person's pseudonym is of: "source LF staff number", or the mail address."""
    if staff_number and (number := _plain(staff_number)):
        return f"{source}\n{number}"
    if address and (mail := _plain(address)):
        return mail
    raise ValueError("a person without staff number and address has no key")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().lower()
