"""The words of a language stand in its templates from the start, and what is put into them stays text."""

from babel.support import NullTranslations
from jinja2 import DictLoader

from rightsdesk.web.spoken import SpokenEnvironment


class Shouting(NullTranslations):
    """A language in which everything is louder; it counts how often it is asked."""

    asked = 0

    def gettext(self, message: str) -> str:
        """Return the words, louder."""
        self.asked += 1
        return message.replace("Hello", "HELLO")


def spoken(source: str) -> tuple[SpokenEnvironment, Shouting]:
    made = SpokenEnvironment(autoescape=True, extensions=["jinja2.ext.i18n"], loader=DictLoader({"page": source}))
    made.words = words = Shouting()
    getattr(made, "install_gettext_translations")(words, newstyle=True)  # noqa: B009 - added by the extension
    return made, words


def test_words_are_looked_up_once_however_often_a_page_is_shown() -> None:
    made, words = spoken("{% trans %}Hello{% endtrans %} {{ _('Hello') }} 100{% trans %}% Hello{% endtrans %}")
    assert [made.get_template("page").render() for _ in range(3)] == ["HELLO HELLO 100% HELLO"] * 3
    assert words.asked == 3


def test_what_is_put_into_the_words_is_escaped_and_the_words_are_not() -> None:
    made, _ = spoken("{% trans name=name %}Hello <b>{{ name }}</b>{% endtrans %}")
    assert made.get_template("page").render(name="<i>") == "HELLO <b>&lt;i&gt;</b>"


def test_a_number_still_chooses_its_words() -> None:
    made, _ = spoken("{% trans count=count %}{{ count }} day{% pluralize %}{{ count }} days{% endtrans %}")
    page = made.get_template("page")
    assert [page.render(count=count) for count in (1, 2)] == ["1 day", "2 days"]
