"""The least that a page of a list can cost: one Core select, one Jinja page, no sealing, no session, nobody asked."""

import sys
from pathlib import Path
from typing import Final

import uvicorn
from jinja2 import Environment
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, create_engine, insert, select
from sqlmodel import SQLModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

ROWS: Final = 50  # as many as the desk shows
_WORDS: Final = 14
_STORED: Final = 2_000
_BARE: Final = Table(
    "bare",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("due", String, index=True),
    *(Column(f"word{number}", String) for number in range(_WORDS)),
)
_PAGE: Final = select(_BARE).order_by(_BARE.c.due, _BARE.c.id).limit(ROWS)
_TEMPLATE: Final = """<!doctype html><html lang="en"><title>Requests</title><h1>Requests</h1><table>
{% for number, due, a, b, c, d, e, f, g, h, i, j, k, l, m, n in rows %}<tr id="row-{{ number }}" class="row {{ a }}">
<td><input type="checkbox" name="pick" value="{{ number }}" aria-label="{{ b }}"></td>
<td><a href="/cases/{{ number }}?view=decision" title="{{ c }}">{{ d }} {{ e }}</a></td>
<td class="person"><b>{{ f }}</b> {{ g }}</td><td class="person">{{ h }} {{ i }}</td><td>{{ j }}</td>
<td><time datetime="{{ due }}">{{ k }}</time></td><td>{{ l }}</td><td>{{ m }}</td><td>{{ n }}</td></tr>
{% endfor %}</table></html>"""


def app_of(engine: Engine) -> Starlette:
    """Return the app around the bare page."""
    template = Environment(autoescape=True).from_string(_TEMPLATE)

    def page(request: Request) -> Response:  # noqa: ARG001 - the interface
        """Show fifty rows."""
        with engine.connect() as connection:
            rows = connection.execute(_PAGE).all()
        return HTMLResponse(template.render(rows=rows))

    return Starlette(routes=[Route("/", page)])


def filled(path: Path) -> Engine:
    """Return a new database with rows of twelve letters a column."""
    engine = create_engine(f"sqlite:///{path}")
    _BARE.metadata.create_all(engine)
    with engine.begin() as tx:
        if tx.execute(select(_BARE.c.id).limit(1)).first() is None:
            tx.execute(insert(_BARE), [_row(number) for number in range(_STORED)])
    return engine


def _row(number: int) -> dict[str, object]:
    words = {f"word{one}": f"word {one} {number:05}" for one in range(_WORDS)}
    return {"id": number, "due": f"2026-01-{number % 28 + 1:02}", **words}


def main() -> None:
    """Serve on the port that is named, with a database in the folder that is named."""
    assert SQLModel.metadata is not None  # imported as every portal on this stack must: that is most of a start
    app = app_of(filled(Path(sys.argv[2]) / "bare.sqlite3"))
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False)


if __name__ == "__main__":
    main()
