"""Columns that many tables share, under the names that their queries give them."""

from collections.abc import Mapping, Sequence
from itertools import cycle

from grafana import look, words
from grafana.panels import SHARE, Column
from monitor.measure.indicators import CATALOGUE, Facts, of

DASH = "–"
"""Nothing to say; the state beside it says why."""
SHARE_OF = Column(
    "Tỷ lệ", unit=SHARE, decimals=1, gauge=True, width=150, colour=look.BLUE, nothing=DASH
)
STATE = Column(
    "Trạng thái",
    mappings=[
        *look.mapped(words.STATES, words.STATE_COLOURS), look.nothing(words.NO_DATA, look.GREY),
    ],
    coloured=True,
    width=130,
)  # fmt: skip
CHANNEL = Column("Kênh", mappings=look.mapped(words.channels()), width=130)
INDICATOR = Column("Chỉ tiêu", mappings=look.mapped(words.INDICATORS))
LEVEL = Column("Cấp", mappings=look.mapped(words.LEVELS), width=130)
VERDICT = Column(
    "Kết luận", mappings=look.mapped(words.verdicts(), words.VERDICT_COLOURS), coloured=True,
    width=150,
)  # fmt: skip
CAUSE = Column("Nguyên nhân", mappings=look.mapped(words.causes()), width=160, nothing=DASH)
GROUP = Column("Phạm vi", mappings=look.mapped(words.GROUPS), width=130)
CODE = Column("Mã", hidden=True)
"""Only for the link of the name."""
AGENCY = Column(
    "Cơ quan",
    least_width=200,
    link=("Mở trang cơ quan", '/d/congvu-agency?var-agency=${__data.fields["Mã"]}'),
)
COVERAGE = Column("Độ bao phủ", unit=SHARE, decimals=1, width=95, nothing=DASH)
UNDECIDED = Column("Chưa kết luận", unit=SHARE, decimals=1, width=115, nothing=DASH)
SAMPLE = Column("Tỷ lệ mẫu", unit=SHARE, decimals=0, width=90, nothing=DASH)
LOW = Column("Cận dưới", unit=SHARE, decimals=1, width=80, nothing=DASH)
HIGH = Column("Cận trên", unit=SHARE, decimals=1, width=80, nothing=DASH)
NUMERATOR = Column("Tử số", decimals=0, width=70)
DENOMINATOR = Column("Mẫu số", decimals=0, width=70)

_SHARED = (
    INDICATOR, CHANNEL, LEVEL, GROUP, CODE, AGENCY, SHARE_OF, NUMERATOR, DENOMINATOR, LOW,
    HIGH, STATE, COVERAGE, UNDECIDED, SAMPLE, VERDICT, CAUSE,
)  # fmt: skip


def shared(query: str) -> list[Column]:
    """Those of the columns here that a query gives."""
    return [column for column in _SHARED if f'AS "{column.name}"' in query]


FIGURE_SQL = """
  ratio AS "Tỷ lệ", numerator AS "Tử số", denominator AS "Mẫu số",
  low AS "Cận dưới", high AS "Cận trên", state AS "Trạng thái",
  coverage AS "Độ bao phủ", undecided_share AS "Chưa kết luận", sample_fraction AS "Tỷ lệ mẫu"
""".strip()
"""A share never stands without what it is of, its interval, state, coverage and undecided share."""

COUNTED = "document_class IN ('formal', '') AND role = '' AND base = ''"
"""The series that an indicator is known by (monitor/measure/indicators.py)."""
GROUP_CODE = "CASE WHEN scope = 'level' AND code = 'province' THEN 'province_level' ELSE code END"
"""As in Prometheus: `province` is everything, not the agencies of a level of that name."""
GROUPS_IN_FORCE = (
    "(scope = 'province' OR scope = 'level'"
    " AND code IN (SELECT level FROM grafana.agency WHERE in_force))"
)
"""Without a level that has ended, as the districts did."""
LEVEL_ORDER = "array_position(ARRAY[" + ", ".join(f"'{each}'" for each in words.LEVELS) + "], code)"
IN_ORDER = "array_position(ARRAY[" + ", ".join(f"'{each}'" for each in CATALOGUE) + "], indicator)"
"""Of the catalogue."""
OWN_WINDOW = (
    "CASE WHEN indicator IN ("
    + ", ".join(f"'{each.id}'" for each in of(Facts.REGISTERS))
    + ") THEN 'last_month' ELSE '{window}' END"
)
"""Registers come monthly: of a running month they say nothing yet."""
INTERVAL = "Khoảng tin cậy 95%"
"""The upper end, under the name that the legend has for the whole band."""
BAND: Sequence[Column] = (
    Column(INTERVAL, colour=look.SKY, band_to="Cận dưới", line_width=0),
    Column("Cận dưới", colour=look.SKY, line_width=0, in_legend=False),
    Column("5 ngày làm việc", colour=look.BLUE, line_width=3),
    Column("20 ngày trước đó", colour=look.ORANGE, line_width=2, dashed=True),
)
"""An interval as a band around its share."""


def coloured(texts: Mapping[str, str]) -> list[Column]:
    """Series under their names, in colours that everybody can tell apart."""
    colours = (
        look.BLUE, look.ORANGE, look.GREEN, look.PURPLE, look.SKY, look.RED, look.YELLOW, look.GREY,
    )  # fmt: skip
    return [
        Column(name, title=text, colour=colour)
        for (name, text), colour in zip(texts.items(), cycle(colours), strict=False)
    ]
