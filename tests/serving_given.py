"""``rightsdesk serve`` as an operator starts it, on the databases of a test's folder."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from databases import url_of
from tree_given import ROOT

WAIT: Final = 60.0


def given_serving(folder: Path, *words: str, **variables: str) -> "subprocess.Popen[str]":
    """Start serving at a free port; what it says comes on its standard error."""
    settings = {
        "RIGHTSDESK_DATA": str(folder),
        "RIGHTSDESK_DATABASE": url_of(folder, "rightsdesk"),
        "RIGHTSDESK_KEYS_DATABASE": url_of(folder, "subject-keys"),
        "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1",
        "RIGHTSDESK_SMS": f"file:{folder / 'texts.jsonl'}",
        "RIGHTSDESK_MAIL": f"file:{folder / 'mail.jsonl'}",
    }
    command = [sys.executable, "-m", "rightsdesk.web", "serve", "--port", "0", *words]
    return subprocess.Popen(command, cwd=ROOT, env=settings | variables, stderr=subprocess.PIPE, text=True)
