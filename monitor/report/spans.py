"""Periods in words, as an official writes them."""

from monitor.periods import Kind, Period
from monitor.report.numbers import roman
from monitor.report.words import Words


def span(period: Period, say: Words) -> str:
    """Name and days: "Tháng 10 năm 2026 (từ ngày 15/09/2026 đến ngày 14/10/2026)"."""
    if period.kind in (Kind.CUSTOM, Kind.CUMULATIVE):
        return name(period, say)
    return say("span.with_days", name=name(period, say), days=days(period, say))


def name(period: Period, say: Words) -> str:
    """What a period is called; cumulative and custom ones by their days."""
    if period.kind in (Kind.CUSTOM, Kind.CUMULATIVE):
        text = say("span.custom" if period.kind is Kind.CUSTOM else "span.cumulative",
                   days=days(period, say))  # fmt: skip
        return text[0].upper() + text[1:]
    return _regular("span", period, say)


def days(period: Period, say: Words) -> str:
    """First and last: "từ ngày 01/10/2026 đến ngày 31/10/2026"."""
    numbers = say.numbers
    return say("span.days", first=numbers.day(period.first), last=numbers.day(period.last))


def short(period: Period, say: Words) -> str:
    """Below a point of a chart: "10/2026"."""
    if period.kind is Kind.CUSTOM:
        return f"{period.first:%d/%m}–{period.last:%d/%m/%Y}"
    return _regular("short", period, say)


def _regular(table: str, period: Period, say: Words) -> str:
    kind = period.part if period.kind is Kind.CUMULATIVE else period.kind
    number = roman(period.number) if kind is Kind.QUARTER else str(period.number)
    key = f"{kind}_{period.number}" if kind is Kind.HALF else str(kind)
    month = say.of("month", str(period.number))
    return say(f"{table}.{key}", number=number, month=month, year=str(period.year))
