"""Every page and every error state of the portal: who sits there, where, and what is pressed to get there."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from desk_given import AUDREY, DANA, ELENA, LUCIA, MATEO, PRIYA, ROSA
from states_given import LONG, PASSWORD, PROVIDER, REFUSAL, RUN, State, Step, Story, fill, opened, press, tick
from states_passkeys_given import DESK_PASSKEYS, FAMILY_PASSKEYS
from states_reset_given import RESETTING

from rightsdesk.web.drafts import Draft


def asker(name: str) -> Callable[[Story], str]:
    """Return who sits down as the requester of a request."""
    return lambda told: told.proved(told.asked_by[name])


def elena(**answers: object) -> Callable[[Story], str]:
    """Return who sits down as a mother of two, with these answers."""
    return lambda told: told.proved(ELENA, Draft(**answers))


def at_desk(who: UUID) -> Callable[[Story], str]:
    """Return who sits down at the desk."""
    return lambda told: told.staff(who)


def public(name: str, path: str, words: str = "", *, printed: bool = False) -> State:
    """Return a page that needs no proof."""
    return State(name, f"family.{name.split(':', maxsplit=1)[0]}", path, words=words, is_printed=printed)


def phone(name: str, typed: str, words: str) -> State:
    """Return the page of the number after a mistake."""
    steps = (fill("#phone", typed), press())
    return State(name, "family.phone", "/marigold/phone", None, steps, words, is_error=True)


def code(name: str, *steps: Step, words: str, error: bool = True) -> State:
    """Return the page of the code; the number is nobody's, and the page is the same."""
    # Another number each time: three texts an hour go to one.
    first = (fill("#phone", f"(212) 555-01{50 + len(name) + 3 * len(steps)}"), press())
    return State(name, "family.code", "/marigold/phone", None, (*first, *steps), words, is_error=error)


def status(name: str, words: str, *steps: Step, error: bool = False) -> State:
    """Return the page of one request as its family sees it."""
    case = name.split(":", maxsplit=1)[0]
    path = f"/marigold/requests/{{{case}}}"
    return State(f"status {name}", "family.request", path, asker(case), steps, words, error, is_printed=not error)


def case(name: str, words: str, *steps: Step, error: bool = False) -> State:
    """Return the page of one request as the desk sees it."""
    path = f"/desk/marigold/cases/{{{name.split(':', maxsplit=1)[0]}}}"
    return State(f"case {name}", "desk.case", path, at_desk(PRIYA), steps, words, error, is_printed=not steps)


def ruling(name: str, outcome: str, words: str, *steps: Step, error: bool = False) -> State:
    """Return the page on which a request is decided."""
    path = f"/desk/marigold/cases/{{{name}}}/decision?outcome={outcome}"
    kept = f"{outcome} {name}{' error' * error}{' letter' * bool(steps and not error)}"
    return State(kept, "desk.decision", path, at_desk(PRIYA), steps, words, error, is_printed=not steps)


def desk(name: str, path: str, words: str = "", *steps: Step, error: bool = False, who: UUID = PRIYA) -> State:
    """Return another page of the desk."""
    return State(
        f"desk {name}",
        f"desk.{name.split(':', maxsplit=1)[0]}",
        f"/desk/marigold/{path}",
        at_desk(who),
        steps,
        words,
        error,
    )


def invited(who: UUID) -> Callable[[Story], str]:
    """Return who sits down after the link of an invitation."""
    return lambda told: told.invited(who)


def office(name: str, path: str, words: str, *steps: Step, error: bool = False, who: UUID = ROSA) -> State:
    """Return a page of the office."""
    screen = f"office.{name.split(':', maxsplit=1)[0]}"
    return State(f"office {name}", screen, f"/office/marigold/{path}", at_desk(who), steps, words, error)


WRONG: Final = (fill("#code", "000000"), press())
ASKING: Final = (tick(".row .tick"), press("[name=do][value=ask]"))
GO_ON: Final = press("main form button.full")
# Files to be kept, and ways on to another page.
# A school sign-in leads through a provider: its own pages are looked at where one is there to lead through.
SCHOOL: Final = frozenset({"family.school_sign_in", "family.school_back", "family.school_account"})
SCHOOL_STAFF: Final = frozenset({"desk.school_sign_in", "desk.school_back"})
FILES: Final = frozenset({"family.calendar", "family.messages", "desk.home", "office.home", "office.run_problems"})
NOT_A_PAGE: Final = FILES | SCHOOL | SCHOOL_STAFF
FAMILY: Final = (
    public("find", "/", "Find your school"),
    public("find:found", "/?q=marigold", "Marigold Unified School District"),
    public("find:none", "/?q=zzz", "No place fits"),
    public("start", "/marigold/", "Start a request"),
    public("paper", "/marigold/paper", "Print this page", printed=True),
    public("privacy", "/marigold/privacy", "What we keep", printed=True),
    public("accessibility", "/marigold/accessibility"),
    public("help", "/marigold/help"),
    public("languages", "/marigold/languages"),
    public("missing", "/marigold/nowhere", "We cannot find that page"),
    public("phone", "/marigold/phone", "mobile number"),
    State("no session", "family.phone", "/marigold/requests", words="mobile number"),
    phone("phone empty", "", "Enter your mobile number"),
    phone("phone short", "12", "10 digits"),
    phone("phone abroad", "+44 20 7946 0958", "only numbers from the United States"),
    code("code", words="We sent 6 numbers", error=False),
    code("code again", lambda page: page.goto("/marigold/code?new=1"), words="We sent a new code", error=False),
    code("code empty", press(), words="Enter the 6 numbers"),
    code("code short", fill("#code", "12345"), press(), words="That is 5 numbers"),
    code("code letters", fill("#code", "abcdef"), press(), words="only numbers"),
    code("code wrong", *WRONG, words="That code is not right"),
    code("code five wrong", *WRONG, *WRONG, *WRONG, *WRONG, *WRONG, words="You have tried 5 times"),
    State("who", "family.who", "/marigold/who", lambda told: told.at_step("who"), (), "Who are you?"),
    State("who none", "family.who", "/marigold/who", lambda told: told.at_step("who"), (press(),), "Choose who", True),
    State("second", "family.second_proof", "/marigold/second-proof", lambda told: told.at_step("second_proof")),
    State(
        "second empty",
        "family.second_proof",
        "/marigold/second-proof",
        lambda told: told.at_step("second_proof"),
        (press(),),
        is_error=True,
    ),
    *RESETTING,
    State("student", "family.student", "/marigold/student", elena(), (), "Lucía"),
    State("student none", "family.student", "/marigold/student", elena(), (press(),), "Choose a student", True),
    State("ask", "family.ask", "/marigold/ask", elena(student=MATEO), (), "Delete it"),
    State("ask none", "family.ask", "/marigold/ask", elena(student=MATEO), (press(),), "Choose what you want", True),
    *(
        State(
            f"details {kind}{' none' * len(steps)}",
            "family.details",
            "/marigold/details",
            who,
            steps,
            words,
            bool(steps),
        )
        for kind, words, who in (
            ("fix", "What is wrong?", elena(student=MATEO, kind="correction")),
            ("delete", "What do you want deleted?", elena(student=MATEO, kind="erasure")),
        )
        for steps in ((), (GO_ON,))
    ),
    State(
        "details no value",
        "family.details",
        "/marigold/details",
        elena(student=MATEO, kind="correction"),
        (tick("[value='name.family']"), GO_ON),
        "Write what the last name should be",
        True,
    ),
    State("check see", "family.check", "/marigold/check", elena(student=MATEO, kind="access"), (), "Send my request"),
    State(
        "check fix",
        "family.check",
        "/marigold/check",
        elena(student=MATEO, kind="correction", elements=("email",), corrections=(("email", LONG),), details="Wrong."),
        (),
        LONG,
        is_printed=True,
    ),
    State("sent", "family.sent", "/marigold/sent/{fix}", asker("fix"), (), "Request sent", is_printed=True),
    State("requests", "family.requests", "/marigold/requests", asker("fix"), (), "Your requests", is_printed=True),
    *FAMILY_PASSKEYS,
    State("requests none", "family.requests", "/marigold/requests", lambda told: told.proved(LUCIA)),
    State("withdraw", "family.withdraw", "/marigold/requests/{fix}/withdraw", asker("fix"), (), "Take back this"),
    status("plain", "has your request"),
    status("plain:unwritten", "Write your message", press("main form .btn.alt"), error=True),
    status("copy", "Your copy is ready"),
    status("letter", REFUSAL),
    status("withdrawn", "You took this back"),
    status("question", "Which of the two addresses"),
    status("refused", REFUSAL),
    status("partly", "Done"),
    status("erasing", "It will be erased on"),
)
TWICE: Final = (press("main .btn:not([type=button])"), press("main .btn:not([type=button])"))
VIEWS: Final = ("decision", "waiting", "decided", "second", "closed")
SIGN_IN: Final = (fill("#email", "priya@marigold.example"), fill("#password", PASSWORD), press())
DESK: Final = (
    State("sign in", "desk.sign_in", "/desk/marigold/sign-in", words="Staff sign-in"),
    State("sign in wrong", "desk.sign_in", "/desk/marigold/sign-in", None, (press(),), is_error=True),
    State("enrol", "desk.enrol", "/desk/marigold/sign-in", None, SIGN_IN, "Set up your authenticator app"),
    State("enrol wrong", "desk.enrol", "/desk/marigold/sign-in", None, (*SIGN_IN, press()), "problem", True),
    State("enrol by link", "desk.enrol", "/desk/marigold/authenticator", lambda told: told.half_in(AUDREY), (), "link"),
    State("join", "desk.join", "/desk/marigold/join?invitation=abc", None, (), "works once"),
    State("join old", "desk.join", "/desk/marigold/join?invitation=abc", None, (press(),), "problem", True),
    State("desk password", "desk.password", "/desk/marigold/password", invited(AUDREY), (), "Join with ClassLink"),
    State(
        "desk password short", "desk.password", "/desk/marigold/password", invited(DANA), (press(),), "problem", True
    ),
    *DESK_PASSKEYS,
    desk("own", "settings/sign-in", "Your ClassLink account"),
    desk("own_password", "settings/sign-in/password", "The password you have now"),
    desk(
        "own_password:wrong", "settings/sign-in/password", "problem", press("main .btn:not([type=button])"), error=True
    ),
    desk("own_app", "settings/sign-in/authenticator", "You get a new key"),
    desk("own_app:key", "settings/sign-in/authenticator", "Type this key", press("main .btn:not([type=button])")),
    desk("own_app:wrong", "settings/sign-in/authenticator", "problem", *TWICE, error=True),
    desk("own:codes", "settings/sign-in", "They are not shown again", press("#codes .btn"), who=DANA),
    State("case letter print", "desk.letter", "/desk/marigold/cases/{refused}/letter", at_desk(PRIYA), (), REFUSAL),
    State("totp", "desk.second_factor", "/desk/marigold/second-factor", lambda told: told.half_in(DANA)),
    *(desk(f"cases:{view}", f"cases?view={view}") for view in VIEWS),
    desk("cases:found", "cases?q=number1", "Number1"),
    desk("cases:none", "cases?q=zzz", "Nothing found"),
    desk("settings", "settings", "shortcuts"),
    desk("missing", "cases/MGD-2222-2222", "We cannot find that page"),
    desk("cases:approving", "cases", "This applies to", tick(".row .tick"), press("[name=do][value=approve]")),
    desk("cases:asking", "cases", "This applies to", *ASKING),
    desk("cases:unasked", "cases", "problem", *ASKING, press(".detail .btn.sm"), error=True),
    desk("enter", "enter", "Enter a request"),
    desk("enter:found", "enter?person=delgado", "about Lucía"),
    desk("enter:none", "enter?person=zzz", "Nobody found"),
    desk("enter:empty", "enter?person=delgado", "problem", press("main form[method=post] .btn"), error=True),
    *(
        case(name, words)
        for name, words in (
            ("fix", LONG),
            ("question", "Waiting on the family"),
            ("refused", "Denied"),
            ("partly", "Done"),
            ("copy", "Done"),
            ("second", "proposes to delete"),
            ("delete", "Picture"),
            ("erasing", "is deleted on"),
            ("withdrawn", "Taken back"),
        )
    ),
    ruling("fix", "deny", "reasons about who asks"),
    ruling("fix", "partial", "If yes: what it becomes"),
    ruling("delete", "approve", "A second person must agree"),
    ruling("fix", "deny", "There is a problem", press(".decide .btn"), error=True),
    ruling("fix", "deny", REFUSAL, tick("[name=ground]"), fill("#text", REFUSAL), press(".decide .calm")),
    State(
        "conflict",
        "desk.conflict",
        "/desk/marigold/cases/{plain}/decision?outcome=deny",
        at_desk(PRIYA),
        (
            lambda page: page.locator("#ruling [name=version]").evaluate("one => { one.value = '999'; }"),
            tick("[name=ground]"),
            fill("#text", REFUSAL),
            press(".decide .btn"),
        ),
        "Your choice was not used",
    ),
)
OFFICE: Final = (
    office("roster", "roster", "Add a roster file"),
    office("roster:empty", "roster", "problem", press(), error=True),
    office("run", f"roster/{RUN}", "This import is on hold"),
    office("people", "people", "Find a person"),
    office("people:found", "people?q=delgado", "Lucía Delgado"),
    office("people:none", "people?q=zzz", "Nobody found"),
    office("person", f"people/{LUCIA}", "Who may act for Lucía"),
    office("person:guardian", f"people/{ELENA}", "Students on the roster"),
    office("person:wrong", f"people/{LUCIA}", "problem", fill("#until", "soon"), press("main .card .btn"), error=True),
    office("staff", "staff", "Who works here"),
    office("add", "staff/new", "What may they do?"),
    office("add:empty", "staff/new", "problem", press(".card form .btn"), error=True),
    office("colleague", f"staff/{DANA}", "Save the roles"),
    office("invitation", f"staff/{AUDREY}", "It works once", press("[value=print]")),
    office("sign_in", "sign-in", "School sign-ins you trust"),
    office("sign_in:new", "sign-in?kind=google", "What to do at Google"),
    office("sign_in:other", "sign-in?kind=other", "Add another school sign-in", *opened("form details")),
    office("sign_in:wrong", "sign-in?kind=clever", "problem", press(".decide .btn"), error=True),
    office("provider", f"sign-in/{PROVIDER}", "What we have"),
    office("provider:gone", f"sign-in/{PROVIDER}", "Nobody can sign in", *opened(".card details")),
    office("directory", "directory", "Where they are now"),
    office("directory:ldap", "directory?kind=ldap", "Accounts are below", *opened("form details")),
    office("directory:page", "directory?kind=elsewhere", "Your own page for passwords"),
    office("directory:wrong", "directory?kind=scim", "problem", press(".decide .btn"), error=True),
    office("policies", "policies", "Days you do not work"),
    office("policies:wrong", "policies", "problem", fill("#holidays", "soon"), press(".decide .btn"), error=True),
    office("policies:network", "policies", "problem", fill("#own_blocks", "soon"), press(".decide .btn"), error=True),
    office("audit", "audit", "entries", who=AUDREY),
    office("audit:checked", "audit", "ledger", press(), who=ROSA),
    office("tasks", "tasks", "A school account found the wrong person", who=ROSA),
    office("texts", "texts", "Codes a day"),
    office(
        "person:unseen", f"people/{ELENA}", "problem", press("main summary"), press("main details .btn"), error=True
    ),
)
STATES: Final = (*FAMILY, *DESK, *OFFICE)
BLOCKED: Final = ("start", "details fix", "check fix", "sent", "status partly", "case fix", "deny fix", "office run")
