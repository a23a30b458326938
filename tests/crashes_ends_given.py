"""How a story ended, in words that hold no id: what two runs of it must have in common, however one of them died."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import databases
from crashes_lives_given import REFERENCE, Scene
from given import clock_of
from sqlalchemy import text
from sqlmodel import col, select

from rightsdesk.requests.cases import counting
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.tables import CaseCountRow, CaseRow, DecisionRow, EvidenceRow, MessageRow, NoticeRow
from rightsdesk.requests.fulfilment.tables import (
    CertificateRow,
    DisclosureRow,
    DoomedKeyRow,
    HoldingRow,
    PackageRow,
    SourceTaskRow,
)
from rightsdesk.requests.ledger.store import DESTROYED
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.verification.sms.tables import SendState, TextSendRow
from rightsdesk.web import jobs
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.tables import DraftFileRow

_ASTRAY: Final = text("""
SELECT count(*) FROM jobs FULL JOIN procrastinate_jobs AS carried ON jobs.id = (carried.args ->> 'number')::bigint
WHERE jobs.id IS NULL OR carried.id IS NULL""")
_TOLD: Final = ("element", "records", "outcome", "kind", "channel", "act", "replayed")  # facts that are no ids


def end_of(scene: Scene) -> dict[str, Any]:
    """Return the end state of a story, after the hourly tidying has run."""
    _tidy(scene)
    with scene.district.looking() as docket:
        return {
            "cases": _cases(scene, docket),
            "rows": _counted(docket),
            "counters": _counters(docket),
            "ledger": _ledger(scene, docket),
            "acts": _acts(docket),
            "notices": _notices(docket),
            "directory": _directory(scene, docket),
            "erased": _erased(scene, docket),
            "erasure list": sorted(
                {f"{_who(scene, one.subject)} {getattr(one, 'scope', 'corrected')}" for one in _listed(scene)}
            ),
            "certificates": _certificates(docket),
            "packages": _packages(docket),
            "files": _files(scene, docket),
            "queue": _queue(docket),
            "codes left open": _codes(docket),
            "texts": _sent(scene.district.portal.settings.sms.place),
            "mails": _sent(scene.district.portal.settings.mail.place),
        }


def _tidy(scene: Scene) -> None:
    portal = scene.district.portal
    clock_of(portal).advance(hours=2)
    for file in portal.settings.packages.rglob("*"):  # the machine's clock is not the story's
        long_ago = portal.now().timestamp() - 5400
        os.utime(file, (long_ago, long_ago))
    EFFECTS["sweep_packages"](portal, ())
    scene.district.work_off()


def _who(scene: Scene, person: UUID | None) -> str:
    names = {number: name for name, number in scene.book["people"].items()}
    return names.get(str(person), "nobody")


def _cases(scene: Scene, docket: Docket) -> list[list[Any]]:
    numbers = docket.session.exec(select(CaseRow.id).order_by(CaseRow.filed_at, CaseRow.kind)).all()
    return [
        [
            *(case.kind, _who(scene, case.requester), _who(scene, case.subject), case.state, case.outcome),
            *(case.is_held, case.blocked, case.due_on.isoformat(), case.owner, bool(case.erase_at)),
            [[one.element, one.outcome, one.result, one.accepted, one.attempts] for one in case.elements],
        ]
        for case in map(docket.cases.numbered, numbers)
    ]


def _counted(docket: Docket) -> dict[str, int]:
    tables = (DecisionRow, EvidenceRow, MessageRow, DisclosureRow, SourceTaskRow, DoomedKeyRow, DraftFileRow)
    return {str(one.__tablename__): len(docket.session.exec(select(one)).all()) for one in tables}  # type: ignore[call-overload]  # tables of several kinds


def _counters(docket: Docket) -> dict[str, Any]:
    afresh: Counter[str] = Counter()
    for number in docket.session.exec(select(CaseRow.id)).all():
        afresh.update(counting.views_of(docket.cases.numbered(number)))
    rows = docket.session.exec(select(CaseCountRow.view, CaseCountRow.number)).all()
    kept = {view: number for view, number in rows if number}
    return {"kept": kept, "is right": kept == dict(afresh)}


def _ledger(scene: Scene, docket: Docket) -> list[Any]:
    verdict = verify(docket.session, docket.agency.id, scene.district.portal.checkpoints)
    return [verdict.ok, verdict.why]


def _acts(docket: Docket) -> dict[str, int]:
    return dict(Counter(_act(row) for row in docket.session.exec(select(AuditEventRow)).all()))


def _act(row: AuditEventRow) -> str:
    facts = {name: value for name, value in json.loads(row.facts) if name in _TOLD}
    told = " ".join(f"{name}={value}" for name, value in sorted(facts.items()))
    # Whether a text arrived is told apart below; that it was tried and ended is one act.
    kind = "notice_ended" if row.kind in {"notice_sent", "notice_failed"} else row.kind
    return f"{kind} by {row.actor.partition(':')[0]} {told}".strip()


def _notices(docket: Docket) -> dict[str, int]:
    rows = docket.session.exec(select(NoticeRow)).all()
    return dict(Counter(f"{row.kind} {row.channel} {row.state} {row.address is None}" for row in rows))


def _directory(scene: Scene, docket: Docket) -> dict[str, Any]:
    directory = scene.district.directory(docket)
    return {
        name: sorted([one.element, list(map(list, one.fields))] for one in directory.collect(scene.person(name)))
        for name in ("ana", "bo")
        if docket.people.person(scene.person(name)).erased_at is None
    }


def _erased(scene: Scene, docket: Docket) -> list[Any]:
    """Return, of what is to be erased, how many rows, living keys and sealed remains there are."""
    portal, doomed = scene.district.portal, scene.book["doomed"]
    numbers = [UUID(number) for number in doomed]
    rows = docket.session.exec(select(HoldingRow.id).where(col(HoldingRow.id).in_(numbers))).all()
    keys = portal.vault.store.wrapped(docket.agency.id, "holding", numbers)
    if not doomed:
        return [0, 0, 0]
    keys += portal.vault.store.wrapped(docket.agency.id, "identity", [scene.person("bo")])
    held = databases.content(scene.district.folder)
    remains = sum(bytes.fromhex(content) in held for content in doomed.values())
    return [len(rows), sum(key.wrapped != DESTROYED for key in keys), remains]


def _listed(scene: Scene) -> Iterator[Any]:
    return scene.district.portal.erasures.entries()


def _certificates(docket: Docket) -> list[Any]:
    return [json.loads(row.document)["lines"] for row in docket.session.exec(select(CertificateRow)).all()]


def _packages(docket: Docket) -> list[Any]:
    rows = docket.session.exec(select(PackageRow).order_by(PackageRow.made_at)).all()
    return [[row.openings_left, row.removed_at is not None] for row in rows]


def _files(scene: Scene, docket: Docket) -> list[str]:
    """Return the names of all files but the databases; a package is "package" when the database knows it.

    The half of a checkpoint's note that a crash left is no orphan: the next note takes its place.
    """
    rows = docket.session.exec(select(PackageRow).where(col(PackageRow.removed_at).is_(None))).all()
    known = {row.file: "package" for row in rows}
    files = (path for path in scene.district.folder.rglob("*") if path.is_file() and ".sqlite3" not in path.name)
    return sorted(known.get(path.name, path.name) for path in files if not path.name.endswith(".head.new"))


def _queue(docket: Docket) -> list[int]:
    """Return how many jobs are left; Procrastinate was told of each of them, and knows none alone."""
    backlog = jobs.backlog(docket.session)
    on_server = docket.session.connection().dialect.name != "sqlite"
    astray = docket.session.connection().execute(_ASTRAY).scalar_one() if on_server else 0
    assert astray == 0, f"{astray} jobs are in one queue and not in the other"
    return [backlog.waiting, backlog.dead, sum(kind.held for kind in jobs.kinds(docket.session))]


def _codes(docket: Docket) -> int:
    open_ones = select(TextSendRow).where(TextSendRow.state == SendState.ATTEMPTED)
    return len(docket.session.exec(open_ones).all())


def _sent(place: str) -> dict[str, int]:
    file = Path(place)
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return dict(Counter(f"{one['kind']} {one['to']} {_plain(one)}" for one in lines))


def _plain(message: dict[str, str]) -> str:
    return "" if message["kind"] == "code" else REFERENCE.sub("MGD", message["body"])
