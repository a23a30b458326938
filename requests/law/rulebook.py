"""The whole law as loaded: every rule, ground and notice, checked before anything else starts."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final, TypeVar

from rightsdesk.requests.law.errors import RulesBroken, UnknownLaw
from rightsdesk.requests.law.reading import read
from rightsdesk.requests.law.rows import Ground, Jurisdiction, NoticeCode, Requester, Rule
from rightsdesk.requests.law.terms import GroundKind, Right

__all__ = ["Ground", "GroundKind", "Jurisdiction", "NoticeCode", "Requester", "Right", "Rule", "Rulebook", "load"]

_LISTS: Final = {"grounds.toml", "notices.toml", "requesters.toml"}
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every law the product knows. ``notices`` stand in the order in which a letter prints them.

    ``version`` is 12 hex digits of SHA-256 over the files: what counsel's sign-off names.
    """

    laws: tuple[Jurisdiction, ...]
    grounds: tuple[Ground, ...]
    notices: tuple[NoticeCode, ...]
    requesters: tuple[Requester, ...]
    version: str = ""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return every rule of every law."""
        return tuple(rule for law in self.laws for rule in law.rules)

    def law(self, code: str) -> Jurisdiction:
        """Return the law with this code. Raises: UnknownLaw."""
        return _only([law for law in self.laws if law.code == code], code)

    def rule(self, rule_id: str) -> Rule:
        """Return the rule with this id. Raises: UnknownLaw."""
        return _only([rule for rule in self.rules if rule.id == rule_id], rule_id)

    def ground(self, code: str) -> Ground:
        """Return the ground with this code. Raises: UnknownLaw."""
        return _only([ground for ground in self.grounds if ground.code == code], code)

    def notice(self, code: str) -> NoticeCode:
        """Return the notice with this code. Raises: UnknownLaw."""
        return _only([notice for notice in self.notices if notice.code == code], code)

    def shown(self, code: str) -> Ground:
        """Return the ground a family is told instead of this one.

        An order on file reads as NO_AUTHORITY, so that neither parent learns of it (34 CFR 99.4).

        Raises:
            UnknownLaw: there is no such ground.
        """
        ground = self.ground(code)
        return self.ground(ground.shown_as) if ground.shown_as else ground


def load() -> Rulebook:
    """Return the rulebook that is shipped with the product.

    Raises:
        RulesBroken: a code does not resolve, a citation is empty or an id occurs twice.
    """
    folder = files("rightsdesk.requests.law").joinpath("rules")
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    laws = tuple(_law(name, tomllib.loads(texts[name])) for name in sorted(texts.keys() - _LISTS))
    whole = "".join(texts[name] for name in sorted(texts))
    return checked(
        Rulebook(
            laws=laws,
            grounds=tuple(read(Ground, entry, "grounds.toml") for entry in _entries(texts, "ground")),
            notices=tuple(read(NoticeCode, entry, "notices.toml") for entry in _entries(texts, "notice")),
            requesters=tuple(read(Requester, entry, "requesters.toml") for entry in _entries(texts, "requester")),
            version=sha256(whole.encode()).hexdigest()[:12],
        )
    )


def checked(book: Rulebook) -> Rulebook:
    """Return the same rulebook once nothing is wrong with it.

    Raises:
        RulesBroken: a code does not resolve, a citation is empty or an id occurs twice; every fault is named.
    """
    faults = [*_twice(book), *_without_source(book), *_unresolved(book)]
    if faults:
        raise RulesBroken(" ".join(faults))
    return book


def _law(name: str, entries: Mapping[str, Any]) -> Jurisdiction:
    rules = tuple(read(Rule, entry, f"{name}, {entry.get('id')}") for entry in entries["rule"])
    return read(Jurisdiction, {**entries["law"], "rules": rules}, name)


def _entries(texts: Mapping[str, str], what: str) -> Sequence[Mapping[str, object]]:
    found: Sequence[Mapping[str, object]] = tomllib.loads(texts[f"{what}s.toml"])[what]
    return found


def _only(found: Sequence[Found], code: str) -> Found:
    if not found:
        raise UnknownLaw(f"The rulebook holds no {code}.")
    return found[0]


def _twice(book: Rulebook) -> Iterator[str]:
    for ids in (
        [law.code for law in book.laws],
        [rule.id for rule in book.rules],
        [ground.code for ground in book.grounds],
        [notice.code for notice in book.notices],
    ):
        yield from (f"{code} occurs twice." for code, times in Counter(ids).items() if times > 1)


def _without_source(book: Rulebook) -> Iterator[str]:
    for law in book.laws:
        for rule in law.rules:
            if not rule.citation.strip():
                yield f"{rule.id} has no citation."
            if rule.law != law.code:
                yield f"{rule.id} stands in the file of {law.code}."


def _unresolved(book: Rulebook) -> Iterator[str]:
    grounds = {ground.code for ground in book.grounds}
    notices = {notice.code for notice in book.notices}
    requesters = {requester.code for requester in book.requesters}
    shown = {ground.shown_as for ground in book.grounds} - {""}
    yield from (f"grounds.toml shows an unknown {code}." for code in sorted(shown - grounds))
    for rule in book.rules:
        stated = {*rule.refusal_must_state, *rule.refusal_should_state, *rule.approval_must_state}
        unknown = (set(rule.refusal_grounds) - grounds) | (stated - notices) | (set(rule.requesters) - requesters)
        unknown |= set(rule.approval_should_state) - notices
        yield from (f"{rule.id} names an unknown {code}." for code in sorted(unknown))
    for law in book.laws:
        told = {*law.extension_must_state, *law.extension_should_state, *law.late_must_state, *law.late_should_state}
        told |= {*law.referral_must_state, *law.referral_should_state}
        yield from (f"{law.code} names an unknown {code}." for code in sorted(told - notices))
