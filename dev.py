"""Set Rightsdesk up on a fresh machine, then run it, test it or check it; nothing but Python 3.11 is needed first."""

from __future__ import annotations  # an older Python must get as far as our own words about it

import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent
BIN: Final = ROOT / ".venv" / "bin"
STAMPS: Final = ROOT / ".venv" / "rightsdesk-ready.json"
LOCALES: Final = ROOT / "web" / "locales"
CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_TESTS: Final = 5  # pytest's answer when nothing was collected
UNSOLVABLE: Final = 1  # uv's answer when no set of versions fits; 2 when no index answered
INTERRUPTED: Final = 130
CHECKS: Final = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "types": ("mypy",),
    "import rules": ("lint-imports",),
}
LOCKS: Final = {"": "", "-postgres": "--extra postgres", "-all": "--all-extras", "-dev": "--group dev --all-extras"}

USAGE: Final = """\
python3 dev.py COMMAND [arguments passed on]

  run    set up what is missing, then serve a demo agency at http://127.0.0.1:8000
  test   set up what is missing, then run every test, browser tests last
  check  format, lint, types and import rules; --locks (or CI=1) also recompiles the locks
  bench  measure every goal of speed and size beside a baseline; --quick takes three minutes, --help says more
  help   show this"""


class Stop(Exception):
    """The reason why we end here, in one sentence, and the exit code to end with."""

    def __init__(self, reason: str, code: int = 1) -> None:
        super().__init__(reason)
        self.code = code


def step(name: str, act: Callable[[], None]) -> None:
    """Do one thing, and print its name and the seconds it took."""
    print(f"  {name} …", end=" ", flush=True)
    began = time.monotonic()
    try:
        act()
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def once(name: str, depends: str, act: Callable[[], None]) -> None:
    """Do one thing unless it was done before for the same ``depends``."""
    if stamps().get(name) != depends:
        step(name, act)
        STAMPS.write_text(json.dumps(stamps() | {name: depends}))


def stamps() -> dict[str, str]:
    """Return what each finished step depended on, by the step's name."""
    try:
        return dict(json.loads(STAMPS.read_text()))
    except (OSError, ValueError):
        return {}


def digest(*names: str) -> str:
    """Return the SHA-256, in hex, of this Python, this folder and the named files of it."""
    content = [sys.version.encode(), bytes(ROOT), *((ROOT / name).read_bytes() for name in names)]
    return hashlib.sha256(b"\0".join(content)).hexdigest()


def quiet(*command: str | Path, **variables: str) -> None:
    """Run a command without showing its output.

    Raises:
        Stop: it failed; its output is in the reason.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | variables, text=True, check=False, capture_output=True)
    if done.returncode:
        raise Stop(f"{done.stdout}{done.stderr}\nThis failed: {shlex.join(words)}", done.returncode)


def shown(*command: str | Path, **variables: str) -> int:
    """Run a command in the foreground and return its exit code."""
    print(f"\n$ {shlex.join(word.name if isinstance(word, Path) else word for word in command)}", flush=True)
    with subprocess.Popen([str(word) for word in command], cwd=ROOT, env=os.environ | variables) as running:
        try:
            return running.wait()
        except KeyboardInterrupt:
            # Ctrl-C reached the child as well: let it take down its own servers before we leave.
            running.wait()
            raise


def prepare() -> None:
    """Bring .venv to what the locks and the catalogs say; half a second when there is nothing to do."""
    if sys.version_info < (3, 11):  # noqa: UP036 - a fresh machine may well bring an older one
        found = ".".join(map(str, sys.version_info[:2]))
        raise Stop(f"Rightsdesk needs Python 3.11 or newer and this is {found}: try `python3.12 dev.py`.")
    packages = digest("bootstrap.lock", "requirements-dev.lock")
    once("virtual environment in .venv", digest(), make_venv)
    once("packages of requirements-dev.lock", packages, install_packages)
    once("rightsdesk itself, editable", packages + digest("pyproject.toml"), install_project)
    if stale_catalogs():
        step("translations", compile_catalogs)


def make_venv() -> None:
    """Make .venv with this Python, unless one made by hand already fits.

    Raises:
        Stop: Debian's Python came without the part that makes virtual environments.
    """
    if importlib.util.find_spec("ensurepip") is None:
        raise Stop("Python cannot make virtual environments yet: install the Debian package python3-venv.")
    if not venv_fits():
        quiet(sys.executable, "-m", "venv", "--clear", ROOT / ".venv")


def venv_fits() -> bool:
    """Say whether .venv was made by this version of Python and in this place: its scripts name both."""
    try:
        made = (ROOT / ".venv" / "pyvenv.cfg").read_text()
    except OSError:
        return False
    version = ".".join(map(str, sys.version_info[:3]))
    whole = (BIN / "pip").exists()  # an interrupted start leaves a folder without it
    return whole and f"version = {version}\n" in made and f" {ROOT / '.venv'}\n" in made


def install_packages() -> None:
    """Install exactly what the lock names, through uv when uv can be had and through pip when not."""
    pip = (BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    try:
        quiet(*pip, "-r", "bootstrap.lock")
        uv("sync", "--require-hashes", "requirements-dev.lock")
    except (Stop, OSError):
        # uv reads none of pip's settings: where only a mirror answers, pip alone may know its address.
        quiet(*pip, "-r", "requirements-dev.lock")


def uv(*words: str | Path) -> None:
    """Run ``uv pip`` on .venv, trusting what this machine trusts: a company's own authority is known nowhere else."""
    trust = {"UV_SYSTEM_CERTS": "1"} if Path("/etc/ssl/certs/ca-certificates.crt").exists() else {}
    quiet(BIN / "uv", "pip", *words, VIRTUAL_ENV=str(ROOT / ".venv"), UV_FIND_LINKS="", **trust)


def install_project() -> None:
    """Link the checkout into .venv; the build backend is there already, so no network is needed."""
    alone = ("--no-deps", "--no-build-isolation", "--no-index")
    quiet(BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *alone, "-e", ".")


def stale_catalogs() -> list[Path]:
    """Return the translations that are newer than their compiled form."""
    pairs = [(path, path.with_suffix(".mo")) for path in LOCALES.glob("*/LC_MESSAGES/*.po")]
    return [po for po, mo in pairs if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime]


def compile_catalogs() -> None:
    """Compile every translation beside its source."""
    domains = " ".join(sorted({path.stem for path in LOCALES.glob("*/LC_MESSAGES/*.po")}))
    quiet(BIN / "pybabel", "compile", "-d", LOCALES, "-D", domains)


def find_chromium() -> str | None:
    """Return the path of a Chromium, "" for Playwright's own build, or None when there is none."""
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        return named
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    own = subprocess.run([str(BIN / "python"), "-c", ask], capture_output=True, text=True, check=False).stdout.strip()
    if own and Path(own).exists():
        return ""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def apt_chromium() -> None:
    """Install Debian's Chromium."""
    quiet("apt-get", "update", "-qq")
    quiet("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", DEBIAN_FRONTEND="noninteractive")


def run(extra: Sequence[str]) -> int:
    """Become the demo server."""
    prepare()
    print("Ready. Starting the demo; Ctrl-C ends it.", flush=True)
    words = ["rightsdesk", "demo", "--port", "8000", "--data", "./data", *extra]
    os.chdir(ROOT)
    os.execv(BIN / "rightsdesk", words)  # noqa: S606 - signals then reach the server itself


def test(extra: Sequence[str]) -> int:
    """Run all tests but the browser's, then the browser's, and return the first exit code that is not 0.

    Two processes: Playwright leaves an event loop running that breaks every later asyncio test.
    """
    began = time.monotonic()
    prepare()
    if find_chromium() is None and shutil.which("apt-get") and os.geteuid() == 0:
        step("Chromium from Debian", apt_chromium)
    chromium = find_chromium()
    if chromium is None and in_ci():
        raise Stop("There is no Chromium for the browser tests: install one or set CHROMIUM_PATH.")
    # Every core takes the next test that is left: most of their time is waiting for a disk to say that it wrote.
    codes = [shown(BIN / "pytest", "-n", "auto", "--dist", "worksteal", "-m", "not browser", *extra)]
    if chromium is not None:
        codes.append(
            shown(BIN / "pytest", "-m", "browser", *extra, **({"CHROMIUM_PATH": chromium} if chromium else {}))
        )
    # Arguments that name single tests leave one of the two runs empty, which is no failure.
    bad = [code for code in codes if code and not (extra and code == NO_TESTS and set(codes) != {NO_TESTS})]
    print(f"\n{verdict(bad, chromium)} in {time.monotonic() - began:.0f} s", flush=True)
    return bad[0] if bad else 0


def verdict(bad: Sequence[int], chromium: str | None) -> str:
    """Return the beginning of the last line of a test run."""
    if bad:
        return "Tests FAILED"
    if chromium is None:
        return "No Chromium, browser tests NOT run (.venv/bin/playwright install chromium); all other tests passed"
    return "All tests passed"


def check(extra: Sequence[str]) -> int:
    """Run every check, even after one failed, and return the first exit code that is not 0."""
    prepare()
    codes = {name: shown(BIN / tool, *words) for name, (tool, *words) in CHECKS.items()}
    if in_ci() or "--locks" in extra:
        codes["locks"] = max(recompile(f"requirements{kind}.lock", options.split()) for kind, options in LOCKS.items())
    failed = [name for name, code in codes.items() if code]
    print(f"\nChecks FAILED: {', '.join(failed)}" if failed else "\nChecks passed", flush=True)
    return next(filter(None, codes.values()), 0)


def bench(extra: Sequence[str]) -> int:
    """Measure, print a table and write it to build/bench; return 0 also where a goal is missed."""
    prepare()
    return shown(BIN / "python", "-m", "bench", *extra, PYTHONPATH=str(ROOT / "tests"))


def recompile(lock: str, options: Sequence[str]) -> int:
    """Compile a lock again beside the committed one and return 1 when they differ.

    The committed pins are the starting point: a newer release elsewhere is no drift.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(shutil.copy(ROOT / lock, folder))
        plain = ("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet")
        try:
            uv("compile", "pyproject.toml", *plain, *options, "-o", fresh)
        except Stop as problem:
            print(f"{lock}: NOT COMPARED with pyproject.toml\n{problem}", flush=True)
            return int(problem.code == UNSOLVABLE)
        same = fresh.read_bytes() == (ROOT / lock).read_bytes()
    print(f"{lock}: {'agrees with' if same else 'differs from'} pyproject.toml", flush=True)
    return int(not same)


def in_ci() -> bool:
    """Say whether a machine is watching: then what is missing is a failure, not a hint."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


COMMANDS: Final[dict[str, Callable[[Sequence[str]], int]]] = {"run": run, "test": test, "check": check, "bench": bench}


def main(words: Sequence[str]) -> int:
    """Carry out one command and return its exit code; 2 when there is no such command."""
    if not words or words[0] not in COMMANDS:
        print(USAGE)
        return 0 if words[:1] == ["help"] else 2
    try:
        return COMMANDS[words[0]](words[1:])
    except Stop as reason:
        print(reason, file=sys.stderr)
        return reason.code
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
