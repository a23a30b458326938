"""What each kind of job does. The worker looks here; whoever submits a kind adds its line."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from rightsdesk.requests.agencies.errors import OtherRegion
from rightsdesk.verification.staff.invitations.inviting import INVITATION_JOB
from rightsdesk.verification.staff.means import TOLD_JOB
from rightsdesk.verification.students.signing_in import NAME_LOCKED_JOB
from rightsdesk.web import alarms, carrying, casework, duties, logs, staffmail, strays
from rightsdesk.web.office import uploads
from rightsdesk.web.pacing import paced
from rightsdesk.web.passkey_notices import NEW_PASSKEY, PASSKEY_MAIL_JOB, PASSKEY_TEXT_JOB
from rightsdesk.web.portal import Portal
from rightsdesk.web.resets import changing, telling
from rightsdesk.web.school_notices import NEW_SCHOOL_ACCOUNT, SCHOOL_MAIL_JOB, SCHOOL_TEXT_JOB

Effect: TypeAlias = Callable[[Portal, tuple[str, ...]], None]


def have(effect: Effect, portal: Portal, ids: tuple[str, ...]) -> None:
    """Have an effect once.

    Raises:
        Later: it is not due yet.
        OtherRegion: it is another region's, which was noted; no later try would find it here.
    """
    logs.region.set(portal.settings.region)
    try:
        effect(portal, ids)
    except OtherRegion as error:
        portal.turn_away("job", error)
        raise


# An effect opens its own units of work, can be repeated, and inserts its own keyed row before it reaches outside.
EFFECTS: Final[Mapping[str, Effect]] = {
    uploads.READ: uploads.read,
    uploads.USE: uploads.use,
    "effects_due": casework.effects_due,
    "erase": casework.erase,
    "forget_keys": casework.forget_keys,
    "fulfil": casework.fulfil,
    "look_again": casework.look_again,
    INVITATION_JOB: staffmail.mail_invitation,
    "mail_notice": casework.mail_notice,
    changing.MAIL_JOB: telling.mail,
    NAME_LOCKED_JOB: telling.mail_locked,
    changing.SETTLE_JOB: telling.settle_lost,
    PASSKEY_MAIL_JOB: NEW_PASSKEY.mail,
    SCHOOL_MAIL_JOB: NEW_SCHOOL_ACCOUNT.mail,
    TOLD_JOB: staffmail.mail_staff,
    "retention": casework.retain,
    "sweep_codes": casework.sweep_codes,
    "sweep_jobs": duties.sweep_jobs,
    "sweep_packages": casework.sweep_packages,
    "sweep_sessions": duties.sweep_sessions,
    "tell_operator": alarms.tell_operator,
    "turn_back_strays": strays.turn_back,
    "take_effect": casework.take_effect,
    "watch_codes": alarms.watch_codes,
    "text_code": paced(carrying.text_code),
    "text_notice": paced(carrying.text_notice),
    changing.TEXT_JOB: paced(telling.text),
    PASSKEY_TEXT_JOB: paced(NEW_PASSKEY.text),
    SCHOOL_TEXT_JOB: paced(NEW_SCHOOL_ACCOUNT.text),
    "texts_locked": paced(carrying.texts_locked),
}
