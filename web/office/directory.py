"""Where the students' passwords of an agency are kept: shown without secrets, changed, and tried out."""

from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from rightsdesk.verification.assurance import Act
from rightsdesk.verification.directories.changing import Changing
from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.directories.terms import ADDRESS_LENGTH, BadDirectory, Dialect, Terms
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.directories import directory_of
from rightsdesk.web.guards import lacks
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.visits import Visit
from rightsdesk.web.watchers import watched

GOOD: Final = "good"
_LENGTHS: Final = {"url": ADDRESS_LENGTH, "login": 300, "base": 300, "attribute": 60, "authority": 60000}
_SECRET: Final = 2000  # characters; tokens are long


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """Where the passwords are, or the form that says so; of the secret only whether there is one.

    ``tested`` is "good" or why the directory could not be reached, "" where nobody tried.
    """

    shell: OfficeShell
    it: Terms
    has_secret: bool
    kinds: tuple[Kind, ...] = tuple(Kind)
    tested: str = ""
    error: Fault | None = None


def show(visit: Visit) -> Response:
    """Show what is set, or the form for what may be set once its kind is chosen."""
    kind, now = _kind(visit.query("kind")), _kept(visit).terms()
    if kind is None:
        return visit.render("office/directory.html", _page(visit, now))
    if lacks(visit, Act.CHANGE_SIGN_IN):
        # Before the form and not after it: nobody types a long secret twice.
        return visit.see(f"{visit.url('desk.second_factor')}?next={visit.url('office.directory')}%3Fkind%3D{kind}")
    return visit.render("office/directory_form.html", _page(visit, now if now.kind is kind else Terms(kind)))


def change(visit: Visit) -> Response:
    """Take what was said about the directory."""
    kind = _kind(visit.form.text("kind"))
    if kind is None:
        return visit.see(visit.url("office.directory"))
    typed = _typed(visit, kind)
    try:
        _changing(visit).set(typed)
    except BadDirectory as problem:
        abandon(visit)
        page = _page(visit, typed)
        has_secret = page.has_secret and _kept(visit).kind() is kind
        fault = Fault(visit.say(str(problem)), problem.field)
        return visit.render("office/directory_form.html", replace(page, has_secret=has_secret, error=fault), status=422)
    return visit.see(f"{visit.url('office.directory')}?said=saved")


def test(visit: Visit) -> Response:
    """Reach the directory, which changes nothing, and say in plain words what came of it."""
    with visit.looking():
        terms = _kept(visit).terms()
    # Outside of any unit of work: it may take ten seconds.
    code = directory_of(visit.portal, visit.here, terms).reach() or GOOD
    with visit.unit():
        _changing(visit).tested(terms.kind, code)
        return visit.render("office/directory.html", replace(_page(visit, terms), tested=code))


def _page(visit: Visit, it: Terms) -> DirectoryPage:
    return DirectoryPage(office_shell(visit, "office.sign_in"), replace(it, secret=""), bool(it.secret))


def _kept(visit: Visit) -> Directories:
    return Directories(visit.tx, visit.here.id, visit.vault)


def _changing(visit: Visit) -> Changing:
    record = watched(visit)
    return Changing(_kept(visit), record, actor(visit), visit.now, on_loopback=visit.portal.schools.on_loopback)


def _kind(typed: str) -> Kind | None:
    return Kind(typed) if typed in set(Kind) else None


def _typed(visit: Visit, kind: Kind) -> Terms:
    form, said = visit.form, visit.form.text("dialect")
    texts = {name: form.text(name)[:length] for name, length in _LENGTHS.items()}
    texts["secret"] = form.secret("secret").strip()[:_SECRET]
    return replace(Terms(kind, dialect=Dialect(said) if said in set(Dialect) else Dialect.STANDARD), **texts)  # type: ignore[arg-type]  # the texts among its fields
