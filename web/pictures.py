"""Pictures that a phone's camera reads."""

import io


def qr_code(text: str) -> str:
    """Return a text as an SVG picture, without style of its own."""
    import segno  # noqa: PLC0415 - once in the life of an account

    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", border=4, omitsize=True, xmldecl=False, svgns=False, nl=False)
    return drawn.getvalue().decode("ascii")
