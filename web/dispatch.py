"""What PostgreSQL adds to the table of jobs: Procrastinate's own tables, which carry each job's number to a worker.

Our row stays the truth on both databases: its key, its lease, its attempts, how it ended. Procrastinate holds the
number of a job only while the job is open; it wakes a worker, gives each number to one of them, and waits out pauses.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlmodel import Session

from rightsdesk.web.jobs import TEXT_CODE, TEXTS

TABLES: Final = "procrastinate_"  # all of its tables, types and functions begin so
TASK: Final = "rightsdesk.job"
_TEXTS: Final = ".texts"
# One place for every way in which a job becomes open: submitted, asked for anew at the office, put back by a backup.
# Procrastinate orders by priority, then by number: texts by the second they are due since 2025, so that an agency's
# thousand notices, each due after the other, let another agency's notice pass, and codes before them all.
_HAND_OVER: Final = f"""
CREATE FUNCTION rightsdesk_hand_over(number bigint, kind text, region text, run_at float8)
RETURNS bigint[] LANGUAGE sql AS $$
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
    region || CASE WHEN starts_with(kind, '{TEXTS}') THEN '{_TEXTS}' ELSE '' END, '{TASK}',
    CASE WHEN kind = '{TEXT_CODE}' THEN 1 WHEN starts_with(kind, '{TEXTS}') THEN (1735689600 - run_at)::int ELSE 0 END,
    NULL, NULL, jsonb_build_object('number', number),
    CASE WHEN run_at > extract(epoch FROM clock_timestamp())::float8 THEN to_timestamp(run_at) END
)::procrastinate_job_to_defer_v1])
$$;
CREATE FUNCTION rightsdesk_job_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM rightsdesk_hand_over(NEW.id, NEW.kind, NEW.region, NEW.run_at); RETURN NULL; END $$;
CREATE TRIGGER rightsdesk_job_submitted AFTER INSERT ON jobs FOR EACH ROW
WHEN (NEW.done_at IS NULL AND NEW.dead_at IS NULL) EXECUTE FUNCTION rightsdesk_job_opened();
CREATE TRIGGER rightsdesk_job_revived AFTER UPDATE OF dead_at ON jobs FOR EACH ROW
WHEN (OLD.dead_at IS NOT NULL AND NEW.dead_at IS NULL) EXECUTE FUNCTION rightsdesk_job_opened();
"""  # noqa: S608 - nothing but our own words
_TAKE_DOWN: Final = """
DO $$ DECLARE one record; BEGIN
    DROP TRIGGER IF EXISTS rightsdesk_job_submitted ON jobs;
    DROP TRIGGER IF EXISTS rightsdesk_job_revived ON jobs;
    FOR one IN SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema::regnamespace AND starts_with(relname, 'procrastinate_')
    LOOP EXECUTE format('DROP TABLE %s CASCADE', one.name); END LOOP;
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = current_schema::regnamespace
        AND (starts_with(proname, 'procrastinate_') OR starts_with(proname, 'rightsdesk_'))
    LOOP EXECUTE format('DROP FUNCTION %s', one.name); END LOOP;
    FOR one IN SELECT oid::regtype AS name FROM pg_type WHERE typnamespace = current_schema::regnamespace
        AND typtype IN ('c', 'e') AND starts_with(typname, 'procrastinate_')
    LOOP EXECUTE format('DROP TYPE %s CASCADE', one.name); END LOOP;
END $$"""
# A number that a worker took and whose row shows no sign of life: its worker was killed, or could not say how it ended.
# Procrastinate's own look at stalled jobs misses the second: the worker lives, and the job would be "doing" for ever.
# What was taken this moment is on its way: the row of a job that waited for its turn is as old as a lost one's.
_LOST: Final = text("""
WITH back AS (
    UPDATE procrastinate_jobs AS carried SET status = 'todo', worker_id = NULL, scheduled_at = NULL
    FROM jobs
    WHERE carried.status = 'doing' AND jobs.id = (carried.args ->> 'number')::bigint
    AND greatest(jobs.lease_until, jobs.run_at, jobs.done_at, jobs.dead_at)
        < extract(epoch FROM clock_timestamp())::float8 - :grace
    AND NOT EXISTS (SELECT 1 FROM procrastinate_events AS taken WHERE taken.job_id = carried.id
        AND taken.type = 'started' AND taken.at > clock_timestamp() - make_interval(secs => :grace))
    RETURNING carried.id, carried.queue_name
)
SELECT pg_notify('procrastinate_queue_v1#' || queue_name,
    json_build_object('type', 'job_inserted', 'job_id', id)::text) FROM back""")
_FORGOTTEN: Final = text("""
SELECT rightsdesk_hand_over(id, kind, region, run_at) FROM (
    SELECT id, kind, region, run_at FROM jobs
    WHERE done_at IS NULL AND dead_at IS NULL AND run_at < extract(epoch FROM clock_timestamp())::float8 - :patience
    AND (lease_until IS NULL OR lease_until < extract(epoch FROM clock_timestamp())::float8 - :patience)
    AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs AS carried
        WHERE (carried.args ->> 'number')::bigint = jobs.id AND carried.status IN ('todo', 'doing'))
    ORDER BY run_at LIMIT 1000
) AS forgotten""")


class EngineMissing(Exception):
    """The database is PostgreSQL and Procrastinate is not installed; the words say what to install."""


def queues(region: str) -> tuple[str, str]:
    """Return the names of a region's two queues: of everything else, and of texts."""
    return region, region + _TEXTS


def is_carried(engine: Engine | Connection) -> bool:
    """Say whether this database hands jobs to its workers, so that none of them has to look for work."""
    return engine.dialect.name == "postgresql"


def recover(tx: Session, lease: float) -> int:
    """Hand out again what was lost on its way, here and in Procrastinate; return how many jobs that were.

    Args:
        tx: The session.
        lease: Seconds after which a job that is due and that nobody carries counts as forgotten.
    """
    lost = tx.connection().execute(_LOST, {"grace": min(1.0, lease)}).all()
    forgotten = tx.connection().execute(_FORGOTTEN, {"patience": lease}).all()
    return len(lost) + len(forgotten)


def steps() -> list[Path]:
    """Return Procrastinate's own steps, as files of SQL, in their order.

    Raises:
        EngineMissing: it is not installed.
    """
    return sorted((_scripts() / "migrations").glob("*.sql"))


def is_current(engine: Engine) -> bool:
    """Say whether this database is carried as the installed Procrastinate needs it, or needs none."""
    if not is_carried(engine):
        return True
    with engine.connect() as connection:
        return at(connection) == steps()[-1].stem


def at(connection: Connection) -> str:
    """Return the name of the last of Procrastinate's steps that was taken here, "" when none was."""
    wanted = text("SELECT coalesce(obj_description(to_regclass('procrastinate_jobs'), 'pg_class'), '')")
    return str(connection.execute(wanted).scalar_one())


def set_up(connection: Connection) -> None:
    """Bring Procrastinate's tables to the installed release, and let our table hand over its open jobs."""
    reached = at(connection)
    if reached:
        for step in [one for one in steps() if one.stem > reached]:
            run(connection, step.read_text(encoding="utf-8"))
    else:
        # Whole, not by its steps: one adds a value to a type, a later one uses it, and before PostgreSQL 17
        # that is refused within a transaction.
        run(connection, (_scripts() / "schema.sql").read_text(encoding="utf-8"))
        run(connection, _HAND_OVER)
        run(
            connection,
            "SELECT rightsdesk_hand_over(id, kind, region, run_at) FROM jobs WHERE done_at IS NULL AND dead_at IS NULL",
        )
    run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{steps()[-1].stem}'")


def take_down(connection: Connection) -> None:
    """Remove everything of Procrastinate's, and what hands over jobs to it; our own table keeps them."""
    run(connection, _TAKE_DOWN)


def run(connection: Connection, script: str) -> None:
    """Run a script of several statements."""
    # Straight to the driver: several statements at once, and a percent sign is only that.
    connection.connection.cursor().execute(script)


def _scripts() -> Path:
    found = find_spec("procrastinate")  # found, not imported: that would cost each start 0.3 s
    if found is None or not found.submodule_search_locations:
        raise EngineMissing("PostgreSQL needs two more packages. Run: pip install 'rightsdesk[postgres]'")
    return Path(found.submodule_search_locations[0]) / "sql"
