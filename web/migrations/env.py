from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel.sql.sqltypes import AutoString

from rightsdesk.web import schema


def plainly(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    # A step must mean the same in ten years, when our own column types may be gone.
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


def migrate() -> None:
    # The connection and its transaction belong to whoever asked: see rightsdesk.web.schema.
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=schema.metadata(),
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        include_name=schema.is_ours,
        render_item=plainly,
    )
    context.run_migrations()


migrate()
