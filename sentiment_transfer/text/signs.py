r"""Emoticons as emoji, and hashtags as words.

``"<3 #NotGood"`` becomes ``"😊 #Not Good"``: the tokenizer drops the signs of an emoticon and reads
a hashtag as one word, so both are replaced in the text, for scoring alone.
"""

from __future__ import annotations

from functools import cache

import regex

from sentiment_transfer.languages import load_signs

__all__ = ["emoji_of_signs", "expanded", "expanded_spans"]

_CAPITAL = r"(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})"


def emoji_of_signs() -> list[tuple[str, str]]:
    """Return each emoticon and its emoji, the longest first."""
    signs = load_signs()
    emoji = {sign: signs[name][0] for name in ("joy", "sorrow") for sign in signs[f"{name}_signs"]}
    return sorted(emoji.items(), key=lambda pair: (-len(pair[0]), pair[0]))


@cache
def _pattern() -> tuple[regex.Pattern[str], dict[str, str]]:
    """Return what is replaced, and the emoji of each emoticon."""
    emoji = dict(emoji_of_signs())
    listed = "|".join(map(regex.escape, emoji))
    pattern = rf"(?<![\w:/<>=;^\-])(?:{listed})(?![\w/\\)(\]])|#\w+"
    return regex.compile(pattern, regex.VERSION1), emoji


_MAY = regex.compile(r"[#^_<>\\[≧‿๑╯▽]|[:;=](?=\S)|[()][:=']|-\.|[dD]:|[xX]D|8\)|QA|\)\)|\(\(")


def expanded(text: str) -> str:
    """Return a text with emoji for emoticons, and hashtags split at capitals."""
    if not _MAY.search(text):
        return text
    pattern, emoji = _pattern()
    return pattern.sub(lambda found: _replacement(found[0], emoji), text)


def _replacement(found: str, emoji: dict[str, str]) -> str:
    if found[0] == "#" and found not in emoji:
        return regex.sub(_CAPITAL, " ", found, flags=regex.VERSION1)
    return f" {emoji[found]} "


def expanded_spans(text: str) -> list[tuple[int, int]]:
    """Return where each character of ``expanded(text)`` comes from, as ``text[start:end]``.

    >>> text = "a <3"
    >>> expanded(text), expanded_spans(text)
    ('a  🙂 ', [(0, 1), (1, 2), (2, 2), (2, 4), (4, 4)])
    """
    pattern, emoji = _pattern()
    spans: list[tuple[int, int]] = []
    last = 0
    for found in pattern.finditer(text):
        start, end = found.span()
        spans += [(i, i + 1) for i in range(last, start)]
        new = _replacement(found[0], emoji)
        if found[0] in emoji:
            spans += [(start, start), (start, end), (end, end)]
        else:
            here = start
            for character in new:
                spans.append((here, here) if character == " " else (here, here + 1))
                here += character != " "
        last = end
    return spans + [(i, i + 1) for i in range(last, len(text))]
