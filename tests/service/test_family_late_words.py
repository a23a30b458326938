"""What a family wrote too slowly waits for it, whatever it does first."""

from pathlib import Path

import pytest
from family_given import Phone, asked, fix, given_families, given_phone, wait

from rightsdesk.web.portal import Portal

ELENAS_PHONE = "(212) 555-0142"


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return given_families(data_folder)


@pytest.fixture
def elena(portal: Portal) -> Phone:
    """Return the phone of a mother who has shown who she is."""
    phone = given_phone(portal)
    phone.prove(ELENAS_PHONE)
    return phone


def test_a_late_message_outlives_another_request_that_is_sent_first(elena: Phone, portal: Portal) -> None:
    status = f"/marigold/requests/{asked(elena, 'access')}"
    wait(portal, minutes=16)
    elena.send(f"{status}/messages", {"message": "Written slowly."})
    elena.prove(ELENAS_PHONE)
    fix(elena)
    assert "Written slowly.</textarea>" in elena.open(status)
