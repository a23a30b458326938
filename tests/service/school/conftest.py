"""A provider that lies as it is told, an agency that trusts it, and a browser."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyotp
import pytest
from family_given import MARCUS
from forging_given import Forger, forging
from school_staff_given import hired
from schooling_given import Visitor, given_school, sourced_id

from rightsdesk.web.portal import Portal


class _Now:
    """A clock for the provider that goes by the portal's."""

    portal: Portal | None = None

    def __call__(self) -> datetime:
        assert self.portal is not None
        return self.portal.now()


NOW = _Now()


@pytest.fixture(scope="module")
def running() -> Iterator[Forger]:
    with forging(NOW) as forger:
        yield forger


@pytest.fixture
def forger(running: Forger) -> Forger:
    running.forget()
    running.claims["SourcedId"] = sourced_id(MARCUS)
    return running


@pytest.fixture
def portal(data_folder: Path, forger: Forger) -> Portal:
    NOW.portal = given_school(data_folder, forger)
    return NOW.portal


@pytest.fixture
def visitor(portal: Portal) -> Visitor:
    return Visitor(portal)


@pytest.fixture
def app(portal: Portal) -> pyotp.TOTP:
    """Let Pat and Quinn work here, and return Pat's authenticator."""
    return hired(portal)
