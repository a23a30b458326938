"""The table of the families' screens."""

from typing import Final

from rightsdesk.web.family import (
    answering,
    checking,
    choosing,
    detailing,
    fetching,
    finding,
    following,
    naming,
    phoning,
    reading,
)
from rightsdesk.web.screens import LARGEST_BODY, Screen, Who

_SMALL: Final = 64 * 1024

SCREENS: Final = (
    Screen("/", "family.find", Who.ANYONE, get=finding.show_find),
    Screen("/{agency}/", "family.start", Who.ANYONE, get=finding.show_start),
    Screen("/{agency}/paper", "family.paper", Who.ANYONE, get=reading.show_paper),
    Screen("/{agency}/privacy", "family.privacy", Who.ANYONE, get=reading.show_privacy),
    Screen("/{agency}/accessibility", "family.accessibility", Who.ANYONE, get=reading.show_accessibility),
    Screen("/{agency}/help", "family.help", Who.ANYONE, get=reading.show_help),
    Screen("/{agency}/languages", "family.languages", Who.ANYONE, get=reading.show_languages),
    Screen("/{agency}/leave", "family.leave", Who.ANYONE, post=reading.leave, largest=_SMALL),
    Screen(
        "/{agency}/phone",
        "family.phone",
        Who.ANYONE,
        get=phoning.show_phone,
        post=phoning.ask_code,
        largest=_SMALL,
    ),
    Screen(
        "/{agency}/code",
        "family.code",
        Who.ASKED,
        get=answering.show_code,
        post=answering.answer_code,
        largest=_SMALL,
    ),
    Screen("/{agency}/who", "family.who", Who.ASKED, get=naming.show_who, post=naming.answer_who, largest=_SMALL),
    Screen(
        "/{agency}/second-proof",
        "family.second_proof",
        Who.ASKED,
        get=naming.show_second_proof,
        post=naming.answer_second_proof,
        largest=_SMALL,
    ),
    Screen(
        "/{agency}/student",
        "family.student",
        Who.PROVED,
        get=choosing.show_students,
        post=choosing.choose_student,
        largest=_SMALL,
    ),
    Screen(
        "/{agency}/ask",
        "family.ask",
        Who.PROVED,
        get=choosing.show_kinds,
        post=choosing.choose_kind,
        largest=_SMALL,
    ),
    Screen(
        "/{agency}/details",
        "family.details",
        Who.PROVED,
        get=detailing.show_details,
        post=detailing.take_details,
        largest=LARGEST_BODY,
        photo="evidence",
    ),
    Screen(
        "/{agency}/check",
        "family.check",
        Who.PROVED,
        get=checking.show_check,
        post=checking.send,
        largest=_SMALL,
    ),
    Screen("/{agency}/sent/{reference}", "family.sent", Who.PROVED, get=checking.show_sent),
    Screen("/{agency}/requests", "family.requests", Who.PROVED, get=following.show_requests),
    Screen("/{agency}/requests/{reference}", "family.request", Who.PROVED, get=following.show_request),
    Screen(
        "/{agency}/requests/{reference}/messages",
        "family.messages",
        Who.PROVED,
        post=following.write,
        largest=_SMALL,
    ),
    Screen(
        "/{agency}/requests/{reference}/withdraw",
        "family.withdraw",
        Who.PROVED,
        get=following.show_withdraw,
        post=following.take_back,
        largest=_SMALL,
    ),
    Screen(
        "/{agency}/requests/{reference}/package",
        "family.package",
        Who.PROVED,
        post=fetching.fetch,
        largest=_SMALL,
    ),
    Screen(
        "/{agency}/requests/{reference}/calendar.ics",
        "family.calendar",
        Who.PROVED,
        get=following.show_calendar,
    ),
)
