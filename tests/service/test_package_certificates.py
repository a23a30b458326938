"""A certificate says what an erasure did, names nobody, and can be checked by anybody."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from desk_given import LUCIA, NEW, ask, settle
from given import given_portal
from package_given import working

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.fulfilment.certificates import Line, LineOutcome, issue, read, verify
from rightsdesk.requests.fulfilment.tables import CertificateRow
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.web.portal import Portal

LINES: Final = (
    Line("picture", "The district's directory", 1, LineOutcome.ERASED),
    Line("username", "The district's directory", 1, LineOutcome.MASKED, "keyed hash"),
    Line("enrolments", "The district's directory", 4, LineOutcome.KEPT, "RETENTION_REQUIRED"),
)
CLEAN: Final = date(2026, 12, 27)


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    """Return a portal with the families of Marigold."""
    portal = given_portal(data_folder)
    settle(portal)
    return portal


@pytest.fixture
def case(portal: Portal) -> Case:
    """Return a request to erase a picture."""
    return ask(portal, Kind.ERASURE, wanted=(Wanted("picture"),))


def issued(portal: Portal, case: Case, lines: tuple[Line, ...] = LINES) -> CertificateRow:
    with working(portal) as docket:
        return issue(docket, portal.signer, case, lines, CLEAN, NEW)


def test_it_verifies_offline_with_the_public_key_alone(portal: Portal, case: Case) -> None:
    certificate = issued(portal, case)
    assert verify(certificate.document, certificate.signature, portal.signer.public_key())


def test_a_changed_letter_another_key_or_no_signature_does_not_verify(portal: Portal, case: Case) -> None:
    one, key = issued(portal, case), portal.signer.public_key()
    assert not verify(one.document.replace('"records":4', '"records":0'), one.signature, key)
    assert not verify(one.document, one.signature, Signer.new().public_key())
    assert not verify(one.document, "", key)
    assert not verify(one.document, "not base64", key)
    assert not verify(f"{one.document}ñ", one.signature, key)
    assert not verify(one.document, one.signature, "no key")


def test_it_says_what_became_of_each_element_and_when_backups_are_clean(portal: Portal, case: Case) -> None:
    document = json.loads(issued(portal, case).document)
    assert [(one["element"], one["records"], one["outcome"], one["why"]) for one in document["lines"]] == [
        ("picture", 1, "erased", ""),
        ("username", 1, "masked", "keyed hash"),
        ("enrolments", 4, "kept", "RETENTION_REQUIRED"),
    ]
    assert (document["backups_clean_by"], document["reference"]) == ("2026-12-27", case.reference)
    assert document["key"] == portal.signer.key_id


def test_it_names_the_student_by_id_alone(portal: Portal, case: Case) -> None:
    document = issued(portal, case).document
    assert str(LUCIA) in document
    assert not any(name in document for name in ("Luc", "Delgado", "Elena"))


def test_the_document_is_canonical(portal: Portal, case: Case) -> None:
    document = issued(portal, case).document
    assert document == json.dumps(json.loads(document), sort_keys=True, separators=(",", ":"))


def test_a_case_has_one_certificate(portal: Portal, case: Case) -> None:
    first = issued(portal, case)
    assert issued(portal, case, LINES[:1]).document == first.document
    with working(portal) as docket:
        kept = read(docket, case)
        assert kept is not None
        assert kept.document == first.document
        assert read(docket, replace(case, id=LUCIA)) is None


def test_an_outcome_nobody_knows_is_refused(portal: Portal, case: Case) -> None:
    with pytest.raises(ValueError, match="lost"):
        issued(portal, case, (Line("picture", "The district's directory", 1, "lost"),))
