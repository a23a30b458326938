"""Whatever is enqueued is done: each kind of job has an effect, and each duty too."""

import ast
from collections.abc import Iterator

from tree_given import ROOT, python_files, text

from rightsdesk.requests.cases.notices import CHANNELS
from rightsdesk.verification.answering import LOCKED_JOB
from rightsdesk.verification.asking import SEND_JOB
from rightsdesk.verification.staff.invitations.inviting import INVITATION_JOB
from rightsdesk.verification.staff.means import TOLD_JOB
from rightsdesk.verification.students.signing_in import NAME_LOCKED_JOB
from rightsdesk.web.duties import DUTIES
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.office import uploads
from rightsdesk.web.passkey_notices import NEW_PASSKEY
from rightsdesk.web.resets import changing
from rightsdesk.web.school_notices import NEW_SCHOOL_ACCOUNT

# Kinds that are not written where they are submitted, by the name that stands there.
NAMED = {
    "SEND_JOB": SEND_JOB,
    "LOCKED_JOB": LOCKED_JOB,
    "INVITATION_JOB": INVITATION_JOB,
    "TOLD_JOB": TOLD_JOB,
    "READ": uploads.READ,
    "USE": uploads.USE,
}
NAMED |= {"MAIL_JOB": changing.MAIL_JOB, "SETTLE_JOB": changing.SETTLE_JOB, "TEXT_JOB": changing.TEXT_JOB}
NAMED |= {"NAME_LOCKED_JOB": NAME_LOCKED_JOB}
NEW_WAYS = (NEW_PASSKEY, NEW_SCHOOL_ACCOUNT)
PASSED_ON = "self.table.submit"  # one queue hands to another what somebody named elsewhere
BUILT = {f"{channel}_notice" for channel in CHANNELS}


def submitted() -> Iterator[str]:
    """Yield the kind of each job that some line enqueues."""
    for path in python_files("web", "verification", "requests"):
        for node in ast.walk(ast.parse(text(path))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "submit" and ast.unparse(node.func) != PASSED_ON:
                yield from _kind(node.args[1])


def _kind(argument: ast.expr) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str(kind)):
            yield kind
        case ast.Name(id=name):
            yield NAMED[name]
        case ast.JoinedStr():
            yield from BUILT
        case ast.Attribute(value=ast.Name(id="duty")):
            yield from (duty.kind for duty in DUTIES)
        case ast.Attribute(value=ast.Name(id="self"), attr="mail_job" | "text_job" as name):
            yield from (getattr(way, name) for way in NEW_WAYS)
        case ast.Attribute(attr=name):
            yield NAMED[name]
        case _:
            raise AssertionError(ast.unparse(argument))


def test_each_kind_of_job_that_is_enqueued_has_an_effect() -> None:
    kinds = set(submitted())
    assert len(kinds) > 10
    assert kinds <= set(EFFECTS)


def test_no_effect_waits_for_a_job_that_nobody_enqueues() -> None:
    assert set(EFFECTS) <= set(submitted())


def test_each_duty_has_an_effect_and_comes_round() -> None:
    assert {duty.kind for duty in DUTIES} <= set(EFFECTS)
    assert all(duty.every.total_seconds() >= 1 for duty in DUTIES)


def test_each_kind_of_job_that_may_give_up_on_an_agency_has_words_for_its_office() -> None:
    nobodys = {"text_code", "texts_locked", "tell_operator"}  # their ids name no agency: the operator sees them
    kinds = set(EFFECTS) - {duty.kind for duty in DUTIES} - nobodys
    said = text(ROOT / "web" / "templates" / "office" / "words.html")
    assert [kind for kind in sorted(kinds) if f'"{kind}": _(' not in said] == []
