"""The screens of the desk: path, who may, and what answers."""

from typing import Final

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.reopening import REOPENERS, STOPPERS
from rightsdesk.requests.fulfilment.handing_over import HANDERS
from rightsdesk.verification.assurance import Act
from rightsdesk.web.desk import (
    bulk,
    cases,
    connecting,
    deciding,
    enrolling,
    entering,
    exporting,
    joining,
    listing,
    live,
    own,
    passkeys,
    posting,
    returning,
    schooling,
    settings,
    signing_in,
)
from rightsdesk.web.screens import Screen, Who

_DESK: Final = frozenset({Role.APPROVER, Role.LEAD, Role.SECOND_APPROVER, Role.ADMINISTRATOR, Role.AUDITOR})
_ACT: Final = frozenset({Role.APPROVER, Role.LEAD, Role.SECOND_APPROVER})
_DECIDE: Final = frozenset({Role.APPROVER, Role.LEAD})
_ENTER: Final = frozenset({Role.APPROVER, Role.LEAD, Role.ADMINISTRATOR})
_UNDO: Final = _ACT | {Role.ADMINISTRATOR}

_OWN: Final = "/desk/{agency}/settings/sign-in"
_ALL: Final = "/desk/{agency}/cases"
_ONE: Final = _ALL + "/{reference}"

SCREENS: Final = (
    Screen(
        "/desk/{agency}/sign-in", "desk.sign_in", Who.ANYONE, signing_in.sign_in, signing_in.signed_in, is_split=True
    ),
    Screen(
        "/desk/{agency}/sign-in/{provider}",
        "desk.school_sign_in",
        Who.ANYONE,
        schooling.sign_in,
        get_writes=True,
        is_split=True,
    ),
    Screen(
        "/desk/{agency}/sign-in/{provider}/callback",
        "desk.school_back",
        Who.ANYONE,
        schooling.come_back,
        get_writes=True,
        is_split=True,
    ),
    # The first half-open screen is where the guard sends whoever still owes the second factor.
    Screen(
        "/desk/{agency}/second-factor",
        "desk.second_factor",
        Who.HALF_STAFF,
        signing_in.second_factor,
        signing_in.second_factor_shown,
    ),
    Screen(
        "/desk/{agency}/password",
        "desk.password",
        Who.HALF_STAFF,
        enrolling.password,
        enrolling.password_chosen,
        is_split=True,
    ),
    Screen(
        "/desk/{agency}/authenticator",
        "desk.enrol",
        Who.HALF_STAFF,
        enrolling.enrol,
        enrolling.enrolled,
        is_split=True,
    ),
    Screen("/desk/{agency}/join", "desk.join", Who.ANYONE, joining.join, joining.joined),
    Screen("/desk/{agency}/join/{provider}", "desk.school_join", Who.HALF_STAFF, post=connecting.join, is_split=True),
    Screen("/desk/{agency}/passkey", "desk.passkey", Who.ANYONE, signing_in.sign_in, passkeys.sign_in, is_split=True),
    Screen("/desk/{agency}/passkey/ask", "desk.passkey_ask", Who.ANYONE, post=passkeys.ask, is_split=True),
    Screen("/desk/{agency}/sign-out", "desk.sign_out", Who.HALF_STAFF, post=signing_in.sign_out),
    Screen("/desk/{agency}", "desk.home", Who.STAFF, listing.home, roles=_DESK),
    Screen("/desk/{agency}/settings", "desk.settings", Who.STAFF, settings.settings, settings.save_settings),
    Screen(_OWN, "desk.own", Who.STAFF, own.own),
    Screen(f"{_OWN}/password", "desk.own_password", Who.STAFF, own.password, own.password_changed, is_split=True),
    Screen(
        f"{_OWN}/authenticator",
        "desk.own_app",
        Who.STAFF,
        own.app,
        own.app_replaced,
        is_split=True,
        act=Act.CHANGE_OWN_FACTORS,
    ),
    Screen(
        f"{_OWN}/recovery-codes",
        "desk.own_codes",
        Who.STAFF,
        post=own.codes_renewed,
        is_split=True,
        act=Act.CHANGE_OWN_FACTORS,
        back="desk.own",
    ),
    Screen(
        f"{_OWN}/passkeys",
        "desk.passkeys",
        Who.STAFF,
        passkeys.show,
        passkeys.changed,
        is_split=True,
        act=Act.CHANGE_OWN_FACTORS,
    ),
    Screen(
        f"{_OWN}/passkeys/ask",
        "desk.passkeys_ask",
        Who.STAFF,
        post=passkeys.ask_set_up,
        is_split=True,
        act=Act.CHANGE_OWN_FACTORS,
        back="desk.passkeys",
    ),
    Screen(
        f"{_OWN}/school/{{provider}}",
        "desk.school_connect",
        Who.STAFF,
        post=connecting.connect,
        is_split=True,
        act=Act.CHANGE_OWN_FACTORS,
        back="desk.own",
    ),
    Screen(
        f"{_OWN}/school",
        "desk.school_disconnect",
        Who.STAFF,
        post=connecting.disconnect,
        act=Act.CHANGE_OWN_FACTORS,
        back="desk.own",
    ),
    Screen(f"{_OWN}/sessions", "desk.own_sessions", Who.STAFF, post=own.sessions_ended),
    Screen("/desk/{agency}/enter", "desk.enter", Who.STAFF, entering.enter, entering.entered, roles=_ENTER),
    Screen(_ALL, "desk.cases", Who.STAFF, listing.cases, bulk.bulk, roles=_DESK),
    Screen("/desk/{agency}/live", "desk.live", Who.STAFF, post=live.live, roles=_DESK, is_poll=True),
    Screen("/desk/{agency}/export", "desk.export", Who.STAFF, post=exporting.export, roles=_DESK),
    Screen(_ONE, "desk.case", Who.STAFF, cases.case, roles=_DESK),
    Screen(f"{_ONE}/letter", "desk.letter", Who.STAFF, posting.letter, posting.posted, roles=_ENTER),
    Screen(f"{_ONE}/decision", "desk.decision", Who.STAFF, deciding.ask, deciding.decide, roles=_ACT),
    Screen(f"{_ONE}/preview", "desk.preview", Who.STAFF, post=deciding.preview, roles=_DECIDE),
    Screen(f"{_ONE}/undo", "desk.undo", Who.STAFF, post=deciding.undo, roles=_UNDO),
    Screen(f"{_ONE}/return", "desk.send_back", Who.STAFF, post=deciding.send_back, roles=_ACT),
    Screen(f"{_ONE}/stop", "desk.stop", Who.STAFF, post=returning.stop, roles=STOPPERS),
    Screen(f"{_ONE}/reopen", "desk.reopen", Who.STAFF, post=returning.reopen, roles=REOPENERS),
    Screen(f"{_ONE}/hand-over", "desk.hand_over", Who.STAFF, post=returning.hand_over, roles=HANDERS),
    Screen(f"{_ONE}/claim", "desk.claim", Who.STAFF, post=cases.claim, roles=_ENTER),
    Screen(f"{_ONE}/messages", "desk.messages", Who.STAFF, post=cases.message, roles=_DECIDE),
    Screen(f"{_ONE}/notes", "desk.notes", Who.STAFF, post=cases.note, roles=_UNDO),
    Screen(f"{_ONE}/go-on", "desk.go_on", Who.STAFF, post=cases.go_on, roles=_DECIDE),
    Screen(f"{_ONE}/proof", "desk.proof", Who.STAFF, post=cases.proof, roles=_ENTER),
    Screen(f"{_ONE}/duplicate", "desk.duplicate", Who.STAFF, post=cases.duplicate, roles=_DECIDE),
    Screen(f"{_ONE}/evidence/{{evidence}}", "desk.evidence", Who.STAFF, post=cases.evidence, roles=_DESK),
)
