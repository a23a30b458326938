"""What filing a request and checking a text code cost, beside the least a durable write can cost."""

from collections.abc import Callable, Iterator
from itertools import count

from bench.crowds import AGENCY, FAMILIES, file, filing, phone_of
from bench.figures import Figure, by_turns, cpu, typical
from bench.scales import Bench
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert

from rightsdesk.verification.answering import answer
from rightsdesk.verification.asking import Asked, Opened, ask
from rightsdesk.verification.challenges import Answer, Purpose
from rightsdesk.verification.means import place_of
from rightsdesk.verification.store import Claim
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import unit
from rightsdesk.web.storage import open_engine

_A_BARE_WRITE = "bare Core insert and commit"
_BLOCK = 8  # acts in a measurement: the clock of the processor is coarse


def filing_figures(bench: Bench) -> Iterator[Figure]:
    """Yield what filing costs, on the portal with few requests: no two families ask the same."""
    portal = bench.small.portal()
    names = count(int.from_bytes(portal.draw(4)))  # no request of an earlier run is asked again

    def block() -> float:
        wanted = [filing(portal, number, f"Name{next(names)}") for number in range(_BLOCK)]
        return cpu(lambda: [file(portal, one) for one in wanted]) / _BLOCK

    block()  # the first one builds every statement
    taken = by_turns(bench.scale.rounds, block, _bare_writes(bench))
    portal.storage.close()
    yield Figure(
        "File a request, CPU", "ms", 2, value=taken.value * 1e3, baseline=taken.baseline * 1e3, against=_A_BARE_WRITE
    )


def code_figures(bench: Bench) -> Iterator[Figure]:
    """Yield what checking a right code costs; each code is for another family's number, as the limits want it."""
    portal = bench.small.portal()
    families = iter(range(FAMILIES))

    def block() -> float:
        typed = [_asked(portal, next(families)) for _ in range(_BLOCK)]
        return cpu(lambda: [_typed(portal, *one) for one in typed]) / _BLOCK

    block()
    taken = by_turns(bench.scale.rounds, block, _bare_writes(bench))
    portal.storage.close()
    yield Figure(
        "Check a text code, CPU", "ms", 1, value=taken.value * 1e3, baseline=taken.baseline * 1e3, against=_A_BARE_WRITE
    )


def _asked(portal: Portal, family: int) -> tuple[Claim, str, str]:
    """Return an open challenge, its code as the text would carry it, and the address it is answered from."""
    now, address = portal.now(), f"192.0.2.{family}"
    session = f"bench-{family}"
    with unit(portal, AGENCY, now)() as means:
        opened = ask(means, Asked(session, Purpose.FILE_REQUEST, phone_of(family), address), now)
        assert isinstance(opened, Opened), opened
        seen = means.codes.seen(opened.challenge)
        assert seen is not None
        code = seen.opened(means.seal.unseal_agency(place_of(seen.id), seen.secret)).code()
    return Claim(opened.challenge, session, Purpose.FILE_REQUEST), code, address


def _typed(portal: Portal, claim: Claim, code: str, address: str) -> None:
    now = portal.now()
    with unit(portal, AGENCY, now)() as means:
        judged = answer(means, claim, code, address, now)
    assert judged.answer is Answer.CORRECT, judged.answer


def _bare_writes(bench: Bench) -> Callable[[], float]:
    """Return what measures one row written and committed, in a database opened as the portal opens its own."""
    engine = open_engine(f"sqlite:///{bench.folder / 'bare-writes.sqlite3'}")
    words = [Column(f"word{number}", String) for number in range(12)]
    rows = Table("bare", MetaData(), Column("id", Integer, primary_key=True), *words, Column("sealed", LargeBinary))
    rows.metadata.create_all(engine)
    row = {**{column.name: "twelve chars" for column in words}, "sealed": b"s" * 80}

    def write() -> None:
        with engine.begin() as tx:
            tx.execute(insert(rows), row)

    write()
    return lambda: typical(3, lambda: cpu(lambda: [write() for _ in range(_BLOCK)])) / _BLOCK
