"""Erasures on their way: granted, interrupted, and looked at again in an older copy of the database."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from fulfilment_given import (
    BO,
    EVA,
    ROSTER,
    District,
)
from given import given_settings

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.fulfilment.erasing import Eraser, done_among, replay
from rightsdesk.web.app import wire


def approved(district: District, *elements: str, about: object = BO) -> Case:
    assert about in ROSTER
    (case,) = district.ask(Kind.ERASURE, district.one(EVA), district.one(about), *elements)  # type: ignore[arg-type]  # a member
    return district.grant(case)


def texts(district: District) -> str:
    file = district.folder / "texts.jsonl"
    return file.read_text() if file.exists() else ""


def kept_copy(district: District, name: str) -> Path:
    """Return a copy of the main database as a backup would make it."""
    path = district.folder.parent / name
    with sqlite3.connect(district.folder / "rightsdesk.sqlite3") as live, sqlite3.connect(path) as copy:
        live.backup(copy)
    return path


def restored(district: District, copy: Path) -> District:
    """Return the district as it is when only this older database is left beside the files that no backup undoes."""
    district.portal.storage.close()
    for ending in ("", "-wal", "-shm"):
        (district.folder / f"rightsdesk.sqlite3{ending}").unlink(missing_ok=True)
    shutil.copy(copy, district.folder / "rightsdesk.sqlite3")
    portal = wire(given_settings(district.folder), district.portal.now, district.portal.draw)
    return District(portal, district.folder)


def replay_all(district: District) -> None:
    erasures = list(district.portal.erasures.entries())
    for erasure in erasures:
        with district.at() as docket:
            replay(docket, district.directory(docket), erasure, done_among(erasures), district.now)


class PowerCut(Exception):
    """The machine stops before the commit."""


def cut_off(district: District, act: Callable[[Docket, Eraser, UUID, datetime], Case], case: Case) -> None:
    """Do something in a unit of work that never commits."""

    def dark() -> None:
        with district.at() as docket:
            act(docket, district.eraser(docket), case.id, district.now)
            raise PowerCut

    with pytest.raises(PowerCut):
        dark()
