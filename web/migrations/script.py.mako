"""${message.capitalize()}."""

# ruff: noqa: PLR0915 - a step is as long as its tables are many

# A killed import leaves the staging tables without indexes: a step that drops one says if_exists=True.

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
