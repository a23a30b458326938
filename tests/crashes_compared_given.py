"""What the end of a story that died may differ in from one that did not, and nothing else."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

End = dict[str, Any]


def differences(whole: End, after: End, again: Mapping[str, int]) -> Iterator[str]:
    """Yield how the end of a story that died differs from the whole one in a way that is not allowed."""
    for name in whole:
        if name in {"acts", "notices", "texts", "mails", "rows", "packages"}:
            continue
        if whole[name] != after[name]:
            yield f"{name}: {whole[name]} became {after[name]}"
    yield from _acts(Counter(whole["acts"]), Counter(after["acts"]), again)
    yield from _openings(whole, after, again)
    yield from _messages(whole, after)


def _acts(whole: Counter[str], after: Counter[str], again: Mapping[str, int]) -> Iterator[str]:
    for act in whole.keys() | after.keys():
        more = after[act] - whole[act]
        kind = act.partition(" ")[0]
        least = -again.get(kind, 0) if kind == "viewed" else 0  # a page that was never shown was not seen
        if not least <= more <= again.get(kind, 0):
            yield f"acts: {act}: {whole[act]} became {after[act]}"


def _openings(whole: End, after: End, again: Mapping[str, int]) -> Iterator[str]:
    """A copy whose sending broke off was released all the same: fetching it again is a second opening."""
    more = after["rows"]["disclosures"] - whole["rows"]["disclosures"]
    if not 0 <= more <= again.get("downloaded", 0):
        yield f"disclosures: {more} more"
    if after["rows"] != {**whole["rows"], "disclosures": whole["rows"]["disclosures"] + more}:
        yield f"rows: {whole['rows']} became {after['rows']}"
    left = [[openings if gone else openings - more, gone] for openings, gone in whole["packages"]]
    if after["packages"] != left:
        yield f"packages: {whole['packages']} became {after['packages']}"


def _messages(whole: End, after: End) -> Iterator[str]:
    """A text leaves once at most, and the office is told when nobody knows; a mail leaves once at least."""
    lost: Counter[str] = Counter()
    for notice, number in after["notices"].items():
        if " text unknown " in notice:
            lost[notice.replace(" text unknown ", " text sent ")] += number
    known = {notice: number for notice, number in after["notices"].items() if " text unknown " not in notice}
    if Counter(known) + lost != Counter(whole["notices"]) or lost.total() > 1:
        yield f"notices: {whole['notices']} became {after['notices']}"
    for text, number in whole["texts"].items():
        have = after["texts"].get(text, 0)
        if not text.startswith("code") and not number - lost.total() <= have <= number:
            yield f"texts: {text}: {number} became {have}"
    for mail, number in whole["mails"].items():
        if not number <= after["mails"].get(mail, 0) <= number + 1:
            yield f"mails: {mail}: {number} became {after['mails'].get(mail, 0)}"
    for name in ("texts", "mails"):
        if strange := after[name].keys() - whole[name].keys():
            yield f"{name}: never sent before: {strange}"
