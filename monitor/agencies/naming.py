"""Which agency a list means by what stands in a cell."""

from datetime import date

from monitor.agencies.registry import Registry


def code_named(registry: Registry, text: str, day: date) -> str:
    """The code of the agency that is meant by a code, organ code, system's name or name on a day.

    Raises ValueError that tells what to do.
    """
    view = registry.at(day)
    if agency := view.by_code(text):
        return agency.code
    found = view.named(text)
    if len(found) == 1:
        return found[0].code
    if found:
        codes = ", ".join(sorted(agency.code for agency in found))
        raise ValueError(f"“{text[:80]}” is the name of several agencies ({codes}): write the code")
    raise ValueError(
        f"“{text[:80]}” is no agency of the registry on {day}: write its code, organ code or "
        "exact name, or bring it into the registry first (docs/agencies.md)"
    )
