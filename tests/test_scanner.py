"""The scanner gives, to the last token, what the readable tokenizer gives."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_transfer.text import framing_numba as framing
from sentiment_transfer.text import pieces_numba as splitting
from sentiment_transfer.text import scanner_numba as kernel
from sentiment_transfer.text.pieces_numba import character_classes
from sentiment_transfer.text.scanner import ReadableScanner
from sentiment_transfer.text.scanner_numba import Scanner
from sentiment_transfer.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.text.scanner import TokenScanner
    from sentiment_transfer.text.vocabulary import TokenIds

ENGLISH = [
    Tokenizer(stemmer=stemmer, stop_words=stop_words, mark_negation=mark_negation)
    for stemmer in (None, "nltk:porter")
    for stop_words in (True, False)
    for mark_negation in (True, False)
]

NASTY = [
    *" \t\n\r\0\1\x7f.,;:=-()[]<>/'\"!?_#&*",
    *["’", "‘", "\u02bc", "´", "\uff07", "`", "\u00ad", "\u200b", "\u200d", "\ufe0f", "\ufeff"],
    *["\ud800", "\udfff", "\u0301", "\u0307", "\u20dd", "\ufdfa", "ŉ", "ﬁ", "½", "Ⅷ", "٣", "１"],
    *["İ", "ı", "Σ", "ς", "ß", "ẞ", "J\u030c", "é", "e\u0301", "ǅ", "한", "か\u3099", "👍", "☺"],
    *[
        "👩\u200d🚀",
        "👍🏽",
        "🇩🇪",
        "©",
        "®",
        "™",
        "①",
        "、",
        "。",
        "「",
        "」",
        "〈",
        "！",
        "？",
        "：",
        "）",
    ],
    *["<br", "<br>", "<br />", "<BR/ />", ":)", ":-(", ";-)", "=)", ":-", "...", "!?", "n't"],
    *[
        "a",
        "s",
        "b",
        "r",
        "good",
        "GOOD",
        "not ",
        "no ",
        "never ",
        "the ",
        "very ",
        "only ",
        "but ",
    ],
    *["didn't ", "didn’t ", "it's ", "nothing's ", "sooo", "x" * 49, "x'" * 30, "日本", "1.5"],
    *[
        "好",
        "很好",
        "不",
        "不错",
        "没有",
        "太",
        "差",
        "但是",
        "的",
        "不仅",
        "好好好好",
        "，",
        "！！",
    ],
]

MARKUP = [
    *["<em>", "</em>", "<p>", "</P >", "<li>", "<b", "</", "<a href='", 'x="', "<!--", "-->", "<3"],
    *["<script>", "</script>", "<br class=x>", "<!doctype html>", "<![CDATA[", "]]>", "<review>"],
    *["<br / a=b>", "<br/>", "<hate>", "</hate>", "<a_b.c>", "<y = ", "<y =z>"],
    *["[b]", "[/b]", "[quote=a]", "[a](http://b.c)", "](/", "](www.", "**", "_"],
    *["&#39;", "&#39", "&#x27;", "&rsquo;", "&nbsp;", "&amp;", "&lt;", "&gt;", "&quot;", "&foo;"],
    *[
        "&nbsp",
        "#39;",
        "&#1114112;",
        "&#xd800;",
        "%27",
        "%20",
        "%E2%80%99",
        "&NBSP;",
        "&Eacute;",
        "&rsquo",
        "nt't",
    ],
    *["\n", "\r\n", "\n\n", "\n \r", "\r\n\r\n", "\n\t\n", "\x0b", "\x1c", "\u2028", "\u2029"],
    *[
        "\\'",
        "\\n",
        "\\u2019",
        "\\xe2\\x80\\x99",
        "\\x92",
        "\\",
        "\\ud800",
        "\\x00",
        "\\ud83d\\ude00",
        "\\U0001F600",
    ],
    *[
        "\x92",
        "\x85",
        "\x81",
        "\xa0",
        "â€™",
        "â€¦",
        "â€",
        "Ã©",
        "ðŸ˜€",
        "å¾ˆ",
        "Â",
        "Â\xa0",
        "Õ",
        "‰Ûª",
        "\ufffd",
    ],
    *[
        "http://",
        "https://a.b/c ",
        "www.",
        "Www.good",
        "a@b.c",
        "@",
        ".com",
        "good.COM",
        ".net/x",
        ".Com",
        "WWW.",
        "...",
    ],
    *["\u2032", "\u2033", "''", "`", "\u02b9", "\ua78b", "\u0149", ";", "?", ","],
    *["didn", "don", "can", "did", "t", "nt", " t ", " 't ", "'nt", "didnt", "mustnt", "enjoy"],
]
NASTY += MARKUP

any_text = st.text(st.characters(exclude_categories=()), max_size=60)
nasty_text = st.lists(st.sampled_from(NASTY), max_size=20).map("".join)
some_texts = st.lists(st.one_of(any_text, nasty_text), max_size=6)


def tokens_of(scanner: Scanner, ids: TokenIds) -> list[list[str]]:
    words = scanner.tokens_from(0)
    return [[words[i] for i in ids[text]] for text in range(len(ids))]


def words_of(scanner: TokenScanner, texts: Sequence[str]) -> list[list[str]]:
    ids = scanner.scan(texts, words=True).words
    words = scanner.words_from(0)
    return [[words[i] for i in ids[text]] for text in range(len(ids))]


def scanned(texts: Sequence[str], tokenizer: Tokenizer) -> list[list[str]]:
    scanner = Scanner(tokenizer)
    return tokens_of(scanner, scanner.scan(texts).tokens)


@given(texts=some_texts, tokenizer=st.sampled_from(ENGLISH))
@settings(max_examples=600, deadline=None)
def test_english_tokens_are_those_of_the_readable_tokenizer(
    texts: list[str], tokenizer: Tokenizer
) -> None:
    assert scanned(texts, tokenizer) == [tokenizer(text) for text in texts]
    assert words_of(Scanner(tokenizer), texts) == words_of(ReadableScanner(tokenizer), texts)


@given(
    texts=some_texts,
    stop_words=st.booleans(),
    mark_negation=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_chinese_tokens_are_those_of_the_readable_tokenizer(
    texts: list[str], stop_words: bool, mark_negation: bool
) -> None:
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    tokenizer = Tokenizer("zh", stop_words=stop_words, mark_negation=mark_negation)
    assert scanned(texts, tokenizer) == [tokenizer(text) for text in texts]


def hostile_texts(n: int, seed: int) -> list[str]:
    """Texts of 1 to 12 hostile parts, some between plain words."""
    draw = random.Random(seed)
    parts = [*NASTY, *["not", "good", "film", " ", " ", ". "] * 8]
    return ["".join(draw.choices(parts, k=draw.randint(1, 12))) for _ in range(n)]


@pytest.mark.slow
@pytest.mark.parametrize("tokenizer", ENGLISH[:4:3], ids=["default", "all words, unmarked"])
def test_of_272_000_hostile_texts_none_is_read_in_two_ways(tokenizer: Tokenizer) -> None:
    for seed in range(34):
        texts = hostile_texts(4_000, seed if tokenizer.stop_words else 34 + seed)
        assert scanned(texts, tokenizer) == [tokenizer(text) for text in texts]


def test_a_text_that_the_search_for_markup_passes_is_only_lower_cased() -> None:
    asked: list[str] = []

    def prepare(text: str) -> str:
        asked.append(text)
        return Tokenizer().prepare(text)

    texts = [text for text in hostile_texts(20_000, 0) if text.isascii()]
    framing.framed(texts, prepare)
    passed = set(texts) - set(asked)
    assert len(passed) > 500
    assert all(Tokenizer().prepare(text) == text.lower() for text in passed)


def test_few_plain_reviews_are_prepared_one_by_one() -> None:
    asked: list[str] = []
    plain = [
        "Great, isn't it?<br /><br />It's <3: 5<6 & 7>6 (50% off) #1\nEnd.",
        "It's R & D.\r\nOK",
    ]
    framing.framed([*plain, "a &amp; b"], lambda text: asked.append(text) or "")
    assert asked == ["a &amp; b"]


@given(batches=st.lists(some_texts, max_size=4))
@settings(max_examples=100, deadline=None)
def test_one_scanner_reads_many_batches_as_if_they_were_one(batches: list[list[str]]) -> None:
    one, many = Scanner(Tokenizer()), Scanner(Tokenizer())
    whole = one.scan([text for batch in batches for text in batch]).tokens
    parts = [many.scan(batch).tokens for batch in batches]
    assert many.tokens_from(0) == one.tokens_from(0)
    assert [i for part in parts for i in part.ids] == whole.ids.tolist()
    assert [n for part in parts for n in np.diff(part.offsets)] == np.diff(whole.offsets).tolist()


def test_every_character_is_read_as_the_readable_tokenizer_reads_it() -> None:
    # alone, inside a word, behind an apostrophe; the planes beyond hold no character or CJK
    planes = [*range(0x20000), *range(0xE0000, 0xE0200), 0x20000, 0x10FFFF]
    texts = [
        " ".join(f"a{c}b'{c} {c}" for c in map(chr, planes[i : i + 256]))
        for i in range(0, len(planes), 256)
    ]
    tokenizer = Tokenizer()
    assert scanned(texts, tokenizer) == [tokenizer(text) for text in texts]


@pytest.mark.parametrize("middle", ["plot", "pl\0ot", "\0", "\0\0", "", "Pl\0ôt", "n\0't <br\0>"])
def test_a_nul_within_a_text_does_not_shift_the_texts_after_it(middle: str) -> None:
    texts = ["not", middle, "good"]
    assert scanned(texts, Tokenizer()) == [["not"], Tokenizer()(middle), ["good"]]


def test_negation_does_not_reach_into_the_next_text() -> None:
    assert scanned(["it is not", "good"], Tokenizer()) == [["not"], ["good"]]


def test_no_texts_and_empty_texts_have_no_tokens() -> None:
    assert scanned([], Tokenizer()) == []
    assert scanned(["", " ", "\0", "\ud800"], Tokenizer()) == [[], [], [], []]


def test_ids_are_given_in_the_order_first_seen_and_shared_by_pieces_of_one_token() -> None:
    scanner = Scanner(Tokenizer())
    ids = scanner.scan(["movie plot", "Movie's MOVIE not plot", "not plot's"]).tokens
    assert scanner.tokens_from(0) == ["movie", "plot", "not", "not_plot"]
    assert ids.ids.tolist() == [0, 1, 0, 0, 2, 3, 2, 3]
    assert ids.offsets.tolist() == [0, 2, 6, 8]
    assert (ids.ids.dtype.name, ids.offsets.dtype.name) == ("int32", "int64")


def test_the_table_grows_with_the_pieces() -> None:
    # 20,000 distinct words need it doubled three times; one word is longer than the first arena
    words = [f"w{i}" for i in range(20_000)]
    scanner = Scanner(Tokenizer())
    first = scanner.scan([" ".join(words), "éa" * 100_001 + "'x"]).tokens
    again = scanner.scan([" ".join(reversed(words))]).tokens
    assert scanner.tokens_from(0) == words  # the long one is a break: it stands beyond MAX_WORD
    assert first.ids.tolist() == list(range(20_000))
    assert again.ids.tolist() == list(reversed(range(20_000)))


def test_pieces_of_one_hash_stay_apart() -> None:
    # real collisions of 64 bits are hard to come by: look for other bytes under a hash that stands
    state = np.zeros(4, dtype=np.int64)
    pieces = splitting.Pieces.empty()
    data = np.frombuffer(b"good\0", dtype=np.uint8).copy()
    splitting.split(
        data,
        character_classes(0x80),
        pieces,
        np.empty(5, dtype=np.int32),
        np.zeros(2, dtype=np.int64),
        state,
    )
    value = pieces.hashes[0]

    def piece_found(word: bytes) -> int:
        characters = np.frombuffer(word, dtype=np.uint8)
        find = splitting._slot.py_func
        return int(pieces.slots[find(characters, 0, len(word), value, *pieces)])

    assert piece_found(b"good") == 0
    assert [piece_found(word) for word in (b"gold", b"goo", b"goods", b"")] == [-1, -1, -1, -1]


def test_what_is_compiled_is_compiled_once_for_all_texts() -> None:
    scanner = Scanner(Tokenizer(stop_words=False))
    for texts in ([], ["plain"], ["é"], [np.str_("numpy's")], [f"w{i}" for i in range(9000)]):
        scanner.scan(texts)
    for function in (
        splitting.split,
        kernel.mark,
        splitting.enter_all,
        framing.lower,
        framing.mark,
    ):
        assert len(function.signatures) == 1, function


@pytest.mark.slow
def test_the_next_process_finds_what_this_one_compiled() -> None:
    code = (
        "from sentiment_transfer.text import pieces_numba as p, scanner_numba as s, Tokenizer\n"
        "s.Scanner(Tokenizer()).scan(['naïve ' + ' '.join(f'w{i}' for i in range(9000))])\n"
        "stats = [f.stats for f in (p.split, s.mark, p.enter_all)]\n"
        "print([sum(s.cache_hits.values()) for s in stats], stats[0].cache_path)"
    )
    first, second = (
        subprocess.run(  # noqa: S603  (our own interpreter and code)
            [sys.executable, "-c", code],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.strip()
        for _ in range(2)
    )
    assert second.startswith("[1, 1, 1] ")
    place = os.environ["NUMBA_CACHE_DIR"]  # one for all tests
    assert place in first
    assert place in second
