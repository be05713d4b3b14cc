"""The watermark over every page: who looks at it and when, as one picture, so that no page text fails its contrast."""

from html import escape

_WIDTH, _HEIGHT = 1920, 1200
_ACROSS, _DOWN = 320, 150


def watermark(text: str) -> str:
    """An SVG picture of the text, repeated and slanted."""
    told = escape(text)
    places = (
        (x + (_ACROSS // 2 if row % 2 else 0), y)
        for row, y in enumerate(range(60, _HEIGHT, _DOWN))
        for x in range(0, _WIDTH, _ACROSS)
    )
    texts = "".join(f'<text transform="translate({x} {y}) rotate(-18)">{told}</text>' for x, y in places)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="xMinYMin slice" font-family="sans-serif" '
        f'font-size="12" fill="#17222d" fill-opacity="0.10">{texts}</svg>'
    )
