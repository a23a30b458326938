"""Backups of a district, and programs that are killed while they make one or put one back.

Run as: python backups_given.py FOLDER BACKUPS NOW ACT STEP. ACT is "backup", "restore" or
"take over"; the process is killed before it gives a file its name for the STEP-th time.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

from fulfilment_given import District, a_district
from given import Clock, given_settings
from sqlalchemy import text

from rightsdesk.requests.cases.case import Case
from rightsdesk.web import schema
from rightsdesk.web.app import wire
from rightsdesk.web.backups.making import Made, back_up
from rightsdesk.web.backups.putting_back import PutBack, Wish, put_back
from rightsdesk.web.backups.taking_over import Taken, take_over
from rightsdesk.web.demo.cast import Member
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.reindexing import renew_keys

FORCE: Final = Wish(may_replace=True)


def a_kept_district(folder: Path, *members: Member) -> District:
    """Return a district whose database knows the step it is at, as one that was migrated does."""
    district = a_district(folder, *members)
    with district.portal.storage.engine.begin() as tx:
        tx.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        tx.execute(text("INSERT INTO alembic_version VALUES (:step)"), {"step": schema.head()})
    return district


def backups_of(district: District) -> Path:
    """Return the folder of the backups."""
    return district.folder.parent / "backups"


def backed_up(district: District, keep_days: int = 0) -> Made:
    """Make a backup, a minute after the last one."""
    district.wait(minutes=1)
    return back_up(district.portal, backups_of(district), keep_days)


def put_back_into(district: District, folder: Path, wish: Wish = FORCE) -> tuple[PutBack, District]:
    """Stop the portal, restore, and return what was done and the district as it is served then."""
    district.portal.storage.close()
    done = put_back(given_settings(district.folder), folder, wish, district.now)
    return done, served(district)


def served(district: District) -> District:
    """Return the district as another program opens it now."""
    portal = wire(given_settings(district.folder), district.portal.now, district.portal.draw)
    return District(portal, district.folder)


def stopped(district: District) -> District:
    """Return the district once nothing serves it."""
    district.portal.storage.close()
    return district


def taken_over(district: District) -> tuple[Taken, District]:
    """Take its databases over; return what was done and the district as it is served then."""
    done = take_over(given_settings(district.folder), district.now)
    return done, served(district)


def erased_at_once(district: District, case: Case) -> Case:
    """Carry out an erasure whose waiting is over, without letting time pass."""
    for duty in ("effects_due", "look_again"):
        EFFECTS[duty](district.portal, ())
    district.work_off()
    return district.found(case)


def lose_disk(district: District) -> None:
    """Lose everything but the key file, of which the operator kept a copy."""
    district.portal.storage.close()
    key_file = (district.folder / "rightsdesk.keys").read_bytes()
    shutil.rmtree(district.folder)
    district.folder.mkdir(mode=0o700)
    (district.folder / "rightsdesk.keys").touch(mode=0o600)
    (district.folder / "rightsdesk.keys").write_bytes(key_file)


def rotate(district: District) -> None:
    """Renew every key, as ``rightsdesk keys rotate`` does."""
    district.portal.vault.rotate_master()
    renew_keys(district.portal, district.agency)


def killed(district: District, act: str, step: int) -> bool:
    """Make or restore a backup in another process; say whether it was killed before that step, or came to its end."""
    district.portal.storage.close()
    command = (sys.executable, __file__, district.folder, backups_of(district), district.now.isoformat(), act, step)
    ended = subprocess.run([str(word) for word in command], check=False, timeout=60)
    assert ended.returncode in {0, -signal.SIGKILL}, ended
    return ended.returncode != 0


def _deadly(call: Callable[..., Any], calls: Iterator[int], step: int) -> Callable[..., Any]:
    def guarded(*given: Any) -> Any:
        if next(calls) == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*given)

    return guarded


def _main(folder: Path, backups: Path, now: datetime, act: str, step: int) -> None:
    calls = count(1)
    Path.replace = _deadly(Path.replace, calls, step)  # type: ignore[method-assign]  # this process ends here
    Path.rename = _deadly(Path.rename, calls, step)  # type: ignore[method-assign]  # as above
    if act == "backup":
        back_up(wire(given_settings(folder), Clock(now)), backups)
    elif act == "take over":
        take_over(given_settings(folder), now)
    else:
        put_back(given_settings(folder), backups, FORCE, now)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
