"""An approver beside a family's phone: what the desk does, each act in its own unit of work."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from family_given import ELENA, LUCIA, wait
from given import MARIGOLD

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases import effects
from rightsdesk.requests.cases.case import Approver, Case, Kind, Outcome
from rightsdesk.requests.cases.claiming import claim
from rightsdesk.requests.cases.conversation import ask_family, note
from rightsdesk.requests.cases.deciding import decide
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.filing import Filing, file_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.ruling import ElementRuling, Ruling
from rightsdesk.requests.fulfilment.packages import make_package
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.web import casework
from rightsdesk.web.portal import Portal

PRIYA: Final = UUID("eeeeeeee-0000-4000-8000-000000000001")
ELENAS_PHONE: Final = "(212) 555-0142"
SECRET_NOTE: Final = "The mother called twice about the other child."
QUESTION: Final = "Do you want the data of the library app too?"


def given_desk(portal: Portal) -> Portal:
    """Let an approver work at the agency's desk."""
    with portal.storage.write() as tx:
        staff = Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))
        priya = Colleague(PRIYA, "Priya Nair", "priya@marigold.example", frozenset({Role.APPROVER}))
        staff.add(priya, portal.now())
    return portal


def asked_often(portal: Portal, count: int) -> list[str]:
    """File that many corrections of Elena's, three at each instant, and return their references, newest first."""
    plain = Filing(
        requester=ELENA,
        subject=LUCIA,
        kind=Kind.CORRECTION,
        wanted=(),
        details="",
        language="en",
        once="",
        channel="portal",
        means="text_code",
        received_at=portal.now(),
    )
    cases: list[Case] = []
    for number in range(count):
        at = portal.now() - timedelta(minutes=number // 3)
        asking = (Wanted("name.family", f"Delgado {number}"),)
        filing = replace(plain, wanted=asking, once=portal.draw(16).hex(), received_at=at)
        with portal.storage.write() as tx:
            cases += file_case(portal.docket(tx, MARIGOLD, at), filing, at)
    return [case.reference for case in sorted(cases, key=lambda case: (-case.filed_at.timestamp(), case.id))]


class Desk:
    """What an approver does, each act in its own unit of work."""

    def __init__(self, portal: Portal, reference: str) -> None:
        self.portal, self.reference = portal, reference
        self.approver = Approver(PRIYA, frozenset({Role.APPROVER}), None, portal.now())

    def case(self, docket: Docket) -> Case:
        """Return the case as it stands."""
        return docket.cases.find(self.reference)

    def ask(self) -> None:
        """Ask the family something, and leave a note they must never see."""
        with self.portal.storage.write() as tx:
            docket = self.portal.docket(tx, MARIGOLD, self.portal.now())
            ask_family(docket, self.approver, self.reference, self.case(docket).version, QUESTION, self.portal.now())
            note(docket, self.approver, self.reference, SECRET_NOTE, self.portal.now())

    def claim(self) -> None:
        """Claim the case."""
        with self.portal.storage.write() as tx:
            docket = self.portal.docket(tx, MARIGOLD, self.portal.now())
            claim(docket, self.approver, self.reference, self.case(docket).version)

    def rule(self, outcome: Outcome, ground: str = "", text: str = "") -> None:
        """Decide the case."""
        with self.portal.storage.write() as tx:
            docket = self.portal.docket(tx, MARIGOLD, self.portal.now())
            ruling = Ruling(self.reference, self.case(docket).version, outcome, ground, text)
            decide(docket, self.approver, ruling, self.portal.now())

    def grant_part(self) -> None:
        """Say yes to all but the first element."""
        with self.portal.storage.write() as tx:
            docket = self.portal.docket(tx, MARIGOLD, self.portal.now())
            case = self.case(docket)
            first, *rest = case.touching()
            elements = (ElementRuling(first, Outcome.DENY, "NOT_HELD", "We looked everywhere and found it right."),)
            elements += tuple(ElementRuling(one, Outcome.APPROVE) for one in rest)
            ruling = Ruling(self.reference, case.version, Outcome.PARTIAL, elements=elements)
            decide(docket, self.approver, ruling, self.portal.now())

    def finish(self) -> None:
        """Do what was granted, as the worker does."""
        with self.portal.storage.read() as tx:
            case = self.case(self.portal.docket(tx, MARIGOLD, self.portal.now()))
        casework.fulfil(self.portal, (str(MARIGOLD.id), str(case.id)))

    def leave(self) -> None:
        """Let the decision leave, as the worker does after ten minutes."""
        with self.portal.storage.write() as tx:
            docket = self.portal.docket(tx, MARIGOLD, self.portal.now())
            effects.take_effect(docket, self.case(docket).id, self.portal.now())

    def pack(self) -> None:
        """Make the copy, as the worker does."""
        with self.portal.storage.write() as tx:
            docket, settings = self.portal.docket(tx, MARIGOLD, self.portal.now()), self.portal.settings
            assert isinstance(docket.live, Directory)
            case = self.case(docket)
            make_package(docket, [docket.live], settings.packages, self.portal.signer, case.id, self.portal.now())

    def give(self) -> None:
        """Grant a copy and make it, as soon as the hold is over."""
        self.rule(Outcome.APPROVE)
        wait(self.portal, minutes=11)
        self.leave()
        self.pack()
