"""The staff's passkeys: sign in by one, show one anew before an act of weight, and the list of one's own."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.assurance import Act, ProofKind
from rightsdesk.verification.errors import VerificationProblem
from rightsdesk.verification.passkeys import ceremonies
from rightsdesk.verification.passkeys.ceremonies import Owner
from rightsdesk.verification.passkeys.errors import PasskeyProblem, TooManyPasskeys
from rightsdesk.verification.passkeys.store import Passkey
from rightsdesk.verification.staff.means import Told, tell
from rightsdesk.web import passkeys
from rightsdesk.web.desk.seating import means_of, passed
from rightsdesk.web.desk.shells import shell
from rightsdesk.web.desk.shown import Fault, Shell
from rightsdesk.web.desk.signing_in import passkey_refused
from rightsdesk.web.guards import lacks
from rightsdesk.web.passkeys import STAFF, can_have_passkeys, own_passkeys, passkey_means
from rightsdesk.web.visits import Visit

_TOLD = {passkeys.ADDED: Told.PASSKEY_ADDED, passkeys.REMOVED: Told.PASSKEY_REMOVED}


@dataclass(frozen=True, slots=True)
class PasskeysPage:
    """Somebody's passkeys; ``is_fresh`` while the proof is young enough to change them."""

    shell: Shell
    passkeys: tuple[Passkey, ...]
    is_fresh: bool
    error: Fault | None = None


def ask(visit: Visit) -> Response:
    """Ask this browser for a passkey, whoever sits there."""
    return passkeys.ask_sign_in(visit, STAFF)


def sign_in(visit: Visit) -> Response:
    """Let in whoever showed a passkey of somebody who works here: with the device's lock it is both factors."""
    onward = visit.onward(visit.form.text("next"), "") or visit.seat.onward
    passkeys.begin(visit)
    with visit.unit():
        is_in = _let_in(visit)
    if is_in:
        return visit.see(visit.onward(onward, visit.url("desk.cases")))
    with visit.looking():
        return passkey_refused(visit, onward)


def show(visit: Visit) -> Response:
    """Show one's own passkeys."""
    return visit.render("desk/passkeys.html", _page(visit))


def changed(visit: Visit) -> Response:
    """Add, rename or remove one of one's own; its owner is told by mail."""
    passkeys.begin(visit)
    fault = None
    with visit.unit():
        try:
            done = passkeys.change(visit, STAFF, _owner(visit))
        except VerificationProblem as problem:
            done, fault = "", Fault(_why(visit, problem), "main")
        if done in _TOLD:
            tell(means_of(visit), visit.me.id, _TOLD[done])
    if fault is None:
        return visit.see(f"{visit.url('desk.passkeys')}?said=saved")
    with visit.looking():
        return visit.render("desk/passkeys.html", replace(_page(visit), error=fault), status=422)


def ask_set_up(visit: Visit) -> Response:
    """Ask this browser to make a passkey."""
    return passkeys.ask_set_up(visit, STAFF, _owner(visit))


def _let_in(visit: Visit) -> bool:
    means = passkey_means(visit, STAFF)
    try:
        passkey = ceremonies.sign_in(means, visit.seat.id, visit.form.secret("answer"), visit.now)
    except PasskeyProblem as problem:
        if problem.owner is not None:
            tell(means_of(visit), problem.owner, Told.PASSKEY_COPIED)
        return False
    if Staff(visit.tx, visit.here.id, visit.vault).numbered(passkey.owner) is None:
        ceremonies.turn_away(means, passkey, "gone", visit.now)
        return False
    passed(visit, passkey.owner, ProofKind.PASSKEY)
    return True


def _why(visit: Visit, problem: VerificationProblem) -> str:
    if isinstance(problem, TooManyPasskeys):
        return visit.say("You have ten of these. Remove one first")
    return visit.say("That did not work. Try again, or choose another way")


def _owner(visit: Visit) -> Owner:
    return Owner(visit.me.id, visit.me.email, f"staff:{visit.me.id}")


def _page(visit: Visit) -> PasskeysPage:
    fresh = not lacks(visit, Act.CHANGE_OWN_FACTORS) and can_have_passkeys(visit.portal)
    return PasskeysPage(shell(visit), own_passkeys(visit, STAFF, visit.me.id), fresh)
