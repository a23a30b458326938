"""Reads a ruling from the desk's form; the law looks at it afterwards."""

from rightsdesk.requests.cases.case import Outcome
from rightsdesk.requests.cases.errors import BadDecision
from rightsdesk.requests.cases.ruling import ElementRuling, Ruling
from rightsdesk.web.forms import Form


def read_ruling(reference: str, case_version: int, form: Form) -> Ruling:
    """Return what an approver sent, not yet checked against the law.

    Raises:
        BadDecision: the outcome is none.
    """
    try:
        outcome = Outcome(form.text("outcome"))
    except ValueError as unknown:
        raise BadDecision("Choose what you decide.") from unknown
    return Ruling(
        reference=reference,
        version=case_version,
        outcome=outcome,
        ground=form.text("ground"),
        text=form.text("text"),
        elements=element_rulings(form),
        saw=tuple(form.prefixed("saw.")),
    )


def element_rulings(form: Form) -> tuple[ElementRuling, ...]:
    """Return the answer to each element that the form holds one for."""
    outcomes, grounds = dict(form.prefixed("outcome.")), dict(form.prefixed("ground."))
    texts, accepted = dict(form.prefixed("text.")), dict(form.prefixed("accepted."))
    return tuple(
        ElementRuling(
            element,
            Outcome.DENY if outcomes.get(element) == Outcome.DENY else Outcome.APPROVE,
            grounds.get(element, ""),
            texts.get(element, ""),
            accepted.get(element, ""),
        )
        for element in dict.fromkeys((*outcomes, *accepted))
    )
