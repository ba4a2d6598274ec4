"""Why a check came to its result, as a sentence that PostgreSQL makes of word and facts.

The texts are those of monitor/posture/language; a fact that is not there is a dash.
"""

from monitor.model import Language
from monitor.posture.explaining import DAYS, posture_words
from monitor.posture.words import Reason

_WORDS = posture_words(Language.VI)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


TEXTS = (
    "WITH says (reason, text) AS (VALUES "
    + ", ".join(f"('{each}', {_quoted(_WORDS.template(each).says)})" for each in Reason)
    + "), worded (name, word, text) AS (VALUES "
    + ", ".join(
        f"('{name}', {_quoted(word)}, {_quoted(text)})"
        for name, texts in _WORDS.worded.items()
        for word, text in texts.items()
    )
    + ")"
)
"""Sentences by reason with the names of facts in braces, and the texts of facts that are words."""


def _as_written(fact: str) -> str:
    """Days as officials write them."""
    days = ", ".join(f"'{each}'" for each in sorted(DAYS))
    written = rf"regexp_replace({fact}, '^(\d{{4}})-(\d\d)-(\d\d)$', '\3/\2/\1')"
    return f"CASE WHEN named.name IN ({days}) THEN {written} ELSE {fact} END"


def sentence(row: str, about: str = "domain") -> str:
    """Of a row with `reason` and `facts`; `{domain}` is its column `about`.

    A word that has no sentence stands for itself.
    """
    fact = f"{row}.facts ->> named.name"
    return (
        "coalesce((SELECT string_agg(CASE WHEN part[1] !~ '^[{]' THEN part[1]"
        f" ELSE coalesce(w.text, {_as_written(fact)},"
        f" CASE WHEN named.name = 'domain' THEN {row}.{about} END,"
        " '–') END, '' ORDER BY n)"
        " FROM regexp_matches((SELECT text FROM says WHERE says.reason ="
        f" {row}.reason), '[{{][a-z_0-9]+[}}]|[^{{]+', 'g') WITH ORDINALITY AS matched (part, n)"
        " CROSS JOIN LATERAL btrim(part[1], '{}') AS named (name)"
        f" LEFT JOIN worded w ON w.name = named.name AND w.word = {fact}), {row}.reason)"
    )
