"""Templates that speak one language: their words are put in when they are compiled, not looked up at each page."""

from typing import Any, Final

from babel.support import NullTranslations
from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

_ASKING: Final = frozenset({"_", "gettext"})


class SpokenEnvironment(Environment):
    """Templates of one language; words that need a number to be chosen are still looked up."""

    words: NullTranslations = NullTranslations()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        found: nodes.Template = _Speaking(self.words).visit(super()._parse(source, name, filename))
        return found


class _Speaking(NodeTransformer):
    """Replaces each look for words by the words."""

    def __init__(self, words: NullTranslations) -> None:
        self.words = words

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - named after the node
        """Return the words, with a place for each value, instead of a call that looks for them."""
        call: Any = self.generic_visit(node)
        if not (
            isinstance(call.node, nodes.Name) and call.node.name in _ASKING and isinstance(call.args[0], nodes.Const)
        ):
            return node
        said = nodes.Const(self.words.gettext(call.args[0].value), lineno=node.lineno)
        # What is put into the words is escaped, the words are not.
        values = nodes.Dict([nodes.Pair(nodes.Const(one.key), one.value) for one in call.kwargs], lineno=node.lineno)
        return nodes.Mod(nodes.MarkSafeIfAutoescape(said), values, lineno=node.lineno)
