"""A ledger in its database with its signed checkpoints, and the hands of an intruder."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from ledger_given import AGENCY, NOON, SUBJECT, main_engine
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from rightsdesk.requests.ledger.audit import Entry, Event, Kind, Ledger
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.ledger.verify import Verdict, verify

ENTRIES = 9
_ELSEWHERE = {"x'01'": "'\\x01'::bytea", "x''": "''::bytea", "zeroblob(32)": "decode(repeat('00', 32), 'hex')"}


def _elsewhere(statement: str) -> str:
    """Return a statement with its bytes written as PostgreSQL writes them."""
    return reduce(lambda words, one: words.replace(one, _ELSEWHERE[one]), _ELSEWHERE, statement)


COPY = """
    INSERT INTO audit_events (seq, agency, at, kind, actor, case_reference, subject, facts, previous, digest)
    SELECT {new}, agency, at, kind, actor, case_reference, subject, facts, previous, digest
    FROM audit_events WHERE seq = {old}
"""


@dataclass(frozen=True, slots=True)
class Books:
    """A ledger in its database, and the signed checkpoints beside it."""

    engine: Engine
    checkpoints: Checkpoints

    def write(self, count: int) -> None:
        """Append entries in one transaction and note the head."""
        with Session(self.engine) as session:
            ledger = Ledger(session, AGENCY, NOON)
            for number in range(count):
                facts = (("number", str(number)), ("ground", "NO_AUTHORITY"))
                ledger(Event(Kind.DECIDED, f"staff:{SUBJECT}", "MGD-7K3F-92QX", SUBJECT, facts))
            session.commit()
        head = ledger.head
        assert head is not None
        self.checkpoints.keep(head.agency, head.seq, head.digest, head.at)

    def tamper(self, *statements: str, seq: int = 0) -> None:
        """Change rows behind the portal's back; ``:seq`` is the entry meant."""
        with self.engine.begin() as tx:
            for written in statements:
                statement = written if tx.dialect.name == "sqlite" else _elsewhere(written)
                tx.execute(text(statement).bindparams(**({"seq": seq} if ":seq" in statement else {})))

    def verdict(self) -> Verdict:
        """Return what verifying finds."""
        with Session(self.engine) as session:
            return verify(session, AGENCY, self.checkpoints)

    def rehash(self, first: int, last: int) -> None:
        """Give entries the digest that fits what they hold now, as a clever intruder does."""
        with Session(self.engine) as session:
            wanted = select(AuditEventRow).where(col(AuditEventRow.seq).between(first, last))
            before: AuditEventRow | None = None
            for row in session.exec(wanted.order_by(col(AuditEventRow.seq))):
                row.previous = before.digest if before else row.previous
                act = Event(row.kind, row.actor, row.case_reference, row.subject, FACTS_OF[row.facts])
                row.digest = Entry(row.agency, row.seq, row.at, act, row.previous).digest()
                before = row
                session.add(row)
            session.commit()


FACTS_OF = {
    f'[["number","{number}"],["ground","NO_AUTHORITY"]]': (("number", str(number)), ("ground", "NO_AUTHORITY"))
    for number in range(1200)
}


def open_books(folder: Path) -> Iterator[Books]:
    """Yield a ledger of some entries, and close its database in the end."""
    engine = main_engine(folder)
    books = Books(engine, Checkpoints(folder / "checkpoints", Signer.new()))
    books.write(ENTRIES)
    yield books
    engine.dispose()
