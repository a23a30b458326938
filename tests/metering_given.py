"""A portal that counts what it does, and what a scraper reads there."""

import re
from dataclasses import replace

from starlette.testclient import TestClient

from rightsdesk.web import metrics
from rightsdesk.web.meter import CountedPost, CountedTexts
from rightsdesk.web.portal import Portal

_LINE = re.compile(r"([a-z_]+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'([a-z]+)="([^"]*)"')


def counting(portal: Portal) -> Portal:
    """Return the same portal as it would be with an address for its figures."""
    meter = metrics.Figures()
    return replace(portal, meter=meter, texts=CountedTexts(portal.texts, meter), post=CountedPost(portal.post, meter))


def scraped(portal: Portal) -> str:
    """Return what a scraper reads; once for a portal, whose registry keeps what it is given."""
    answer = TestClient(metrics.app_of(portal)).get("/metrics")
    assert answer.status_code == 200
    return answer.text


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Return the value of each figure by its name and the values of its labels in the order of their names."""
    found = (_LINE.fullmatch(line) for line in text.splitlines() if not line.startswith("#"))
    return {
        (one[1], *(value for _, value in sorted(_LABEL.findall(one[2] or "")))): float(one[3]) for one in found if one
    }
