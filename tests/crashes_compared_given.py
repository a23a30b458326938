"""What the end of a story that died may differ in from one that did not, and nothing else."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

End = dict[str, Any]
_UNKNOWN: Final = " text unknown "
_SENT: Final = " text sent "


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
    known = Counter({one: number for one, number in after["notices"].items() if _UNKNOWN not in one})
    lost = Counter(
        {one.replace(_UNKNOWN, _SENT): number for one, number in after["notices"].items() if _UNKNOWN in one}
    )
    if known + lost != Counter(whole["notices"]) or lost.total() > 1:
        yield f"notices: {whole['notices']} became {after['notices']}"
    texts = {text: number for text, number in whole["texts"].items() if not text.startswith("code")}
    yield from _left("texts", texts, after["texts"], fewer=lost.total(), more=0)
    yield from _left("mails", whole["mails"], after["mails"], fewer=0, more=1)
    for name in ("texts", "mails"):
        if strange := after[name].keys() - whole[name].keys():
            yield f"{name}: never sent before: {strange}"


def _left(name: str, whole: Mapping[str, int], after: Mapping[str, int], *, fewer: int, more: int) -> Iterator[str]:
    for one, number in whole.items():
        if not number - fewer <= after.get(one, 0) <= number + more:
            yield f"{name}: {one}: {number} became {after.get(one, 0)}"
