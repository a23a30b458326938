"""The screens of the office: path, who may, and what answers."""

from typing import Final

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.verification.assurance import Act
from rightsdesk.web.office import (
    audit,
    colleague,
    directory,
    inviting,
    linked,
    passkeys,
    people,
    policies,
    provider_testing,
    providers,
    restricting,
    roster,
    rostering,
    shells,
    staff,
    tasks,
    texts,
    unlocking,
    vouching,
)
from rightsdesk.web.screens import MEGABYTE, Screen, Who

_OFFICE: Final = frozenset({Role.ADMINISTRATOR})
_HEADS: Final = frozenset({Role.ADMINISTRATOR, Role.LEAD})
_TEXTS: Final = _HEADS | {Role.AUDITOR}
_AUDIT: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
LARGEST_PACKAGE: Final = 64 * MEGABYTE
_PERSON: Final = "/office/{agency}/people/{person}"
_COLLEAGUE: Final = "/office/{agency}/staff/{colleague}"

SCREENS: Final = (
    Screen("/office/{agency}", "office.home", Who.STAFF, shells.home, roles=shells.ANY_TAB),
    Screen("/office/{agency}/tasks", "office.tasks", Who.STAFF, tasks.tasks, tasks.act, roles=_HEADS),
    Screen(
        "/office/{agency}/roster",
        "office.roster",
        Who.STAFF,
        roster.roster,
        rostering.upload,
        roles=_OFFICE,
        largest=LARGEST_PACKAGE,
    ),
    Screen("/office/{agency}/roster/{run}", "office.run", Who.STAFF, roster.run, rostering.decide, roles=_OFFICE),
    Screen("/office/{agency}/roster/{run}/problems", "office.run_problems", Who.STAFF, roster.problems, roles=_OFFICE),
    Screen("/office/{agency}/people", "office.people", Who.STAFF, people.people, roles=_HEADS),
    Screen(_PERSON, "office.person", Who.STAFF, people.person, roles=_HEADS),
    Screen(
        f"{_PERSON}/number",
        "office.number",
        Who.STAFF,
        post=vouching.confirm,
        roles=_HEADS,
        act=Act.VOUCH,
        back="office.person",
    ),
    Screen(f"{_PERSON}/restrict", "office.restrict", Who.STAFF, post=restricting.restrict, roles=_OFFICE),
    Screen(
        f"{_PERSON}/restrictions/{{restriction}}",
        "office.restriction",
        Who.STAFF,
        post=restricting.restriction,
        roles=_OFFICE,
        act=Act.LIFT,
        back="office.person",
    ),
    Screen(f"{_PERSON}/freeze", "office.freeze", Who.STAFF, post=restricting.freezing, roles=_OFFICE),
    Screen(f"{_PERSON}/codes", "office.codes", Who.STAFF, post=unlocking.let_in, roles=_OFFICE),
    Screen(
        f"{_PERSON}/accounts/{{account}}",
        "office.account",
        Who.STAFF,
        post=linked.part,
        roles=_OFFICE,
        act=Act.UNLINK,
        back="office.person",
    ),
    Screen(
        f"{_PERSON}/passkeys",
        "office.passkey",
        Who.STAFF,
        post=passkeys.end,
        roles=_OFFICE,
        act=Act.UNLINK,
        back="office.person",
    ),
    Screen(
        "/office/{agency}/policies", "office.policies", Who.STAFF, policies.policies, policies.save_policies, _OFFICE
    ),
    Screen("/office/{agency}/staff", "office.staff", Who.STAFF, staff.staff, roles=_HEADS),
    Screen(
        "/office/{agency}/sign-in",
        "office.sign_in",
        Who.STAFF,
        providers.providers,
        providers.add,
        roles=_OFFICE,
        act=Act.CHANGE_SIGN_IN,
    ),
    Screen(
        "/office/{agency}/sign-in/{provider}",
        "office.provider",
        Who.STAFF,
        providers.provider,
        providers.change,
        roles=_OFFICE,
        act=Act.CHANGE_SIGN_IN,
    ),
    Screen(
        "/office/{agency}/sign-in/{provider}/test",
        "office.provider_test",
        Who.STAFF,
        post=provider_testing.test,
        roles=_OFFICE,
        is_split=True,
        act=Act.CHANGE_SIGN_IN,
        back="office.provider",
    ),
    Screen(
        "/office/{agency}/directory",
        "office.directory",
        Who.STAFF,
        directory.show,
        directory.change,
        roles=_OFFICE,
        act=Act.CHANGE_SIGN_IN,
    ),
    Screen(
        "/office/{agency}/directory/test",
        "office.directory_test",
        Who.STAFF,
        post=directory.test,
        roles=_OFFICE,
        is_split=True,
        act=Act.CHANGE_SIGN_IN,
        back="office.directory",
    ),
    # Before the colleagues: "new" is nobody's id.
    Screen(
        "/office/{agency}/staff/new", "office.add", Who.STAFF, staff.ask, staff.add, roles=_OFFICE, act=Act.CHANGE_STAFF
    ),
    Screen(_COLLEAGUE, "office.colleague", Who.STAFF, colleague.show, roles=_HEADS),
    Screen(
        f"{_COLLEAGUE}/change",
        "office.change",
        Who.STAFF,
        post=colleague.change,
        roles=_OFFICE,
        act=Act.CHANGE_STAFF,
        back="office.colleague",
    ),
    Screen(
        f"{_COLLEAGUE}/sign-in",
        "office.reset",
        Who.STAFF,
        post=inviting.act,
        roles=_HEADS,
        act=Act.CHANGE_STAFF,
        back="office.colleague",
    ),
    Screen("/office/{agency}/texts", "office.texts", Who.STAFF, texts.texts, roles=_TEXTS),
    Screen("/office/{agency}/audit", "office.audit", Who.STAFF, audit.audit, audit.check, roles=_AUDIT, is_split=True),
    Screen("/office/{agency}/audit/export", "office.audit_export", Who.STAFF, post=audit.export, roles=_AUDIT),
)
