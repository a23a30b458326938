"""Finds the words of refusals for translators: they stand where they are raised, and pages show them translated.

Named in locales/babel.cfg. To bring the catalogues up to date: pybabel extract and pybabel update, see docs.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO, TypeAlias

Found: TypeAlias = tuple[int, str, str, list[str]]


def refusals(
    source: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, str]
) -> Iterator[Found]:
    """Yield line, function, words and comments of each refusal, as Babel asks for them.

    A refusal is an exception raised with, or made from, a text that is written out whole; and what ``say`` is given
    under a condition, which Babel's own reader would glue together.
    """
    del keywords, comment_tags, options
    for node in ast.walk(ast.parse(source.read())):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from _texts(node.exc.args[:1])
        elif isinstance(node, ast.Call) and _is_say(node):
            yield from _texts(_branches(node.args[0]))


def _texts(args: Collection[ast.expr]) -> Iterator[Found]:
    for one in args:
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value:  # not a code
            yield one.lineno, "gettext", one.value, []


def _is_say(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in {"say", "__init__"} and bool(node.args)


def _branches(one: ast.expr) -> list[ast.expr]:
    return [*_branches(one.body), *_branches(one.orelse)] if isinstance(one, ast.IfExp) else [one]
