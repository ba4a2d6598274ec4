"""Outcomes as the flow makes them at a rate below 1."""

from monitor.model import (
    Cause,
    Drawing,
    Finding,
    Integrity,
    Judgement,
    Outcome,
    Overall,
    Trust,
    Verdict,
)


def drawn(outcome: Outcome, rate: float = 0.5) -> Outcome:
    return outcome.model_copy(update={"drawing": Drawing(rate=rate)})


def undrawn(outcome: Outcome, rate: float = 0.5) -> Outcome:
    """The same item as a child extracts it without judging anything."""
    examined = outcome.examined
    documents = tuple(
        each.model_copy(update={"judgement": Judgement(verdict=unjudged(each.judgement.verdict))})
        for each in examined.documents
    )
    given = outcome.attribution.documents
    whose = tuple(
        each.model_copy(update={"signer_agencies": (), "relayed": False, "paired": False})
        for each in given
    )
    return outcome.model_copy(
        update={
            "drawing": Drawing(rate=rate, drawn=False),
            "examined": examined.model_copy(
                update={
                    "verdict": unjudged(examined.verdict), "kept": None, "documents": documents
                }
            ),
            "attribution": outcome.attribution.model_copy(update={"documents": whose}),
        }
    )  # fmt: skip


def unjudged(verdict: Verdict) -> Verdict:
    return Verdict(
        path=verdict.path,
        kind=verdict.kind,
        overall=Overall.INDETERMINATE,
        cause=Cause.OURS,
        integrity=Integrity.UNREADABLE,
        trust=Trust.UNKNOWN,
        findings=(Finding.NOT_SAMPLED,),
    )
