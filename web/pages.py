"""Turns a template and a frozen value into a page, in the language of whoever reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_name
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2_fragments import render_block

from rightsdesk.web.assets import Assets
from rightsdesk.web.spoken import SpokenEnvironment
from rightsdesk.web.words import gettext_for

TEMPLATES: Final = Path(__file__).parent / "templates"
_CLOCKS: Final = {"es": "es_US"}  # families read the twelve hours of the clocks around them
_TIDY: Final = (("\u202f", " "), ("\xa0", " "), ("AM", "am"), ("PM", "pm"), ("a.m.", "am"), ("p.m.", "pm"))


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates, once for each language, because dates and words differ."""

    assets: Assets
    folder: Path = TEMPLATES
    _spoken: dict[str, Environment] = field(default_factory=dict, repr=False)
    _lines: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def render(self, template: str, language: str, context: Mapping[str, object], block: str = "") -> str:
        """Return the page, or one block of it for a part of a page that is shown already."""
        environment = self._environment(language)
        if block:
            return render_block(environment, template, block, **context)
        return environment.get_template(template).render(context)

    def macro(self, template: str, name: str, language: str) -> Callable[..., str]:
        """Return a macro of a template that looks at nothing but what it is given."""
        found: Callable[..., str] = getattr(self._environment(language).get_template(template).module, name)
        return found

    def lines(self, template: str, language: str) -> tuple[str, ...]:
        """Return the lines of a template that says the same to everybody."""
        if (template, language) not in self._lines:
            self._lines[template, language] = tuple(self.render(template, language, {}).strip().split("\n"))
        return self._lines[template, language]

    def _environment(self, language: str) -> Environment:
        with self._lock:
            if language not in self._spoken:
                self._spoken[language] = environment(self.folder, language, self.assets)
            return self._spoken[language]


def environment(folder: Path, language: str, assets: Assets) -> Environment:
    """Return the templates of one language. A name that no handler gave is an error, never an empty space."""
    made = SpokenEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.words = words = gettext_for(language)
    # What the i18n extension adds is not in its types.
    install: Callable[..., None] = getattr(made, "install_gettext_translations")  # noqa: B009 - as above
    install(words, newstyle=True)
    made.globals["static"] = assets.url
    made.globals["has_asset"] = assets.__contains__
    made.globals["icon"] = getattr(made.get_template("parts/icons.html").module, "icon")  # noqa: B009 - a macro
    made.filters["day"] = partial(day, language=language)
    made.filters["short_day"] = partial(short_day, language=language)
    made.filters["moment"] = _in_zone(moment, language)
    made.filters["stamp"] = _in_zone(stamp, language)
    made.filters["clock"] = _in_zone(clock, language)
    return made


def day(value: date, language: str) -> str:
    """Return a day in words, like "January 7, 2027"."""
    return format_date(value, "long", locale=language)


def short_day(value: date, language: str) -> str:
    """Return a day shortly, like "Nov 20, 2026"."""
    return format_date(value, "medium", locale=language)


def clock(at: datetime, zone: str, language: str) -> str:
    """Return the time of day in a zone, like "3:22 pm"."""
    locale = _CLOCKS.get(language, language)
    text = format_time(at.astimezone(ZoneInfo(zone)), "short", tzinfo=ZoneInfo(zone), locale=locale)
    # CLDR writes a narrow space that some screen readers and phones stumble over, and points that end no sentence.
    for written, read in _TIDY:
        text = text.replace(written, read)
    return text


def moment(at: datetime, zone: str, language: str) -> str:
    """Return an instant in full, like "Monday, November 23, 2026, 3:26 pm Pacific time"."""
    name = get_timezone_name(ZoneInfo(zone), width="long", zone_variant="generic", locale=language)
    weekday = format_date(at.astimezone(ZoneInfo(zone)), "full", locale=language)
    return f"{weekday}, {clock(at, zone, language)} {name.removesuffix(' Time')}{' time' * name.endswith(' Time')}"


def stamp(at: datetime, zone: str, language: str) -> str:
    """Return an instant shortly, like "Nov 23, 2026, 3:26 pm", for lists whose readers all work in one zone."""
    return f"{short_day(at.astimezone(ZoneInfo(zone)), language)}, {clock(at, zone, language)}"


def _in_zone(write: Callable[[datetime, str, str], str], language: str) -> Callable[..., str]:
    @pass_context
    def written(context: Context, at: datetime, zone: str = "") -> str:
        """Take the agency's zone when the template names none."""
        return write(at, zone or context["agency"].zone, language)

    return written
