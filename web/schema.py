"""The tables of the main database: all of them in one place, and how an older database becomes a current one."""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine, MetaData, inspect
from sqlmodel import SQLModel

from rightsdesk.requests.agencies import tables as _agencies
from rightsdesk.requests.cases import tables as _cases
from rightsdesk.requests.fulfilment import tables as _fulfilment
from rightsdesk.requests.ledger import tables as _ledger
from rightsdesk.requests.people import tables as _people
from rightsdesk.requests.people.roster import tables as _roster
from rightsdesk.verification import tables as _verification
from rightsdesk.verification.sms import tables as _texts
from rightsdesk.web import tables as _web

MIGRATIONS: Final = Path(__file__).parent / "migrations"
MODULES: Final = (_agencies, _cases, _fulfilment, _ledger, _people, _roster, _verification, _texts, _web)


def metadata() -> MetaData:
    """Return every table of the main database; importing this module has registered them."""
    return SQLModel.metadata


def is_there(engine: Engine) -> bool:
    """Say whether the database holds our tables already, so that a missing key file is noticed."""
    return inspect(engine).has_table("agencies")
