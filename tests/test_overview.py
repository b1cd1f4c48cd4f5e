"""The overview: its figures against plain counts and direct calls, and the page that shows it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import CORPORA

from sentiment_transfer import SentimentClassifier, load, read_labelled
from sentiment_transfer.errors import InputError
from sentiment_transfer.model.coverage import UnknownWordsWarning
from sentiment_transfer.overview import Overview, describe_opinions, overview_page
from sentiment_transfer.overview.phrase_counts import count_phrases
from sentiment_transfer.overview.summary import summary_of
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from conftest import World

    from sentiment_transfer.overview.overview import Groups
    from sentiment_transfer.overview.quotes import Quote

HELD_OUT = read_labelled(CORPORA / "movies72" / "held_out.csv")
TEXTS = HELD_OUT.texts
CITIES = [("Rome", "Oslo", "Lima")[i % 3] for i in range(len(TEXTS))]
DATES = [f"2024-{1 + i % 5:02d}-1{i % 7}" for i in range(len(TEXTS))]
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(1)"> a great film'


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    loaded = load("reviews-en")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


@pytest.fixture(scope="module")
def overview(model: SentimentClassifier) -> Overview:
    return describe_opinions(model, TEXTS, {"city": CITIES, "day": DATES}, "city")


def groups_of(overview: Overview) -> Groups:
    assert overview.groups is not None
    return overview.groups


def text_of(quote: Quote) -> str:
    return "".join(text for text, _ in quote.parts)


# ---- shares


def test_the_share_is_that_of_estimate_prevalence(
    model: SentimentClassifier, overview: Overview
) -> None:
    found, share = model.estimate_prevalence(TEXTS), overview.share
    assert share is not None
    assert (share.share, share.low, share.high) == (found.share, found.low, found.high)
    assert (share.n, share.label) == (220, "positive")


def test_the_share_of_a_group_is_that_of_its_texts_alone(
    model: SentimentClassifier, overview: Overview
) -> None:
    groups = {group.name: group for group in groups_of(overview).groups}
    assert {name: group.n for name, group in groups.items()} == Counter(CITIES)
    for name, group in groups.items():
        own = [text for text, city in zip(TEXTS, CITIES, strict=True) if city == name]
        found = model.estimate_prevalence(own)
        assert (group.share, group.low, group.high) == pytest.approx(
            (found.share, found.low, found.high)
        )
        assert group.counts == Counter(model.predict(own).tolist())


def test_groups_that_clearly_differ_are_named_and_others_are_not(
    model: SentimentClassifier, overview: Overview
) -> None:
    assert [group.difference for group in groups_of(overview).groups] == ["", "", ""]
    by_label = describe_opinions(model, TEXTS, {"label": HELD_OUT.labels}, "label")
    found = {group.name: group.difference for group in groups_of(by_label).groups}
    assert found == {"negative": "below", "positive": "above"}


def test_a_small_group_has_no_share_but_counts(model: SentimentClassifier) -> None:
    place = ["here"] * 19 + ["there"] * (len(TEXTS) - 19)
    found = groups_of(describe_opinions(model, TEXTS, {"place": place}, "place"))
    small = found.groups[1]
    assert (small.name, small.n, small.share, small.low) == ("here", 19, None, None)
    assert sum(small.counts.values()) == 19


def test_a_column_of_dates_is_taken_by_itself_and_by_month(model: SentimentClassifier) -> None:
    columns = {"city": CITIES, "day": DATES}
    found = describe_opinions(model, TEXTS, columns)
    groups = groups_of(found)
    assert (groups.column, groups.kind, groups.unit) == ("day", "time", "month")
    assert [group.start for group in groups.groups] == [f"2024-{i:02d}-01" for i in range(1, 6)]
    assert [group.n for group in groups.groups] == [44] * 5
    assert [(use.name, use.kind) for use in found.columns] == [
        ("day", "time"),
        ("city", "category"),
    ]
    none = describe_opinions(model, TEXTS, columns, "none")
    assert (none.groups, none.groups_missing) == (None, "columns to group by: day, city")


def test_the_halves_of_the_texts_in_time_are_compared(model: SentimentClassifier) -> None:
    late = [label == "positive" for label in HELD_OUT.labels]
    days = [f"2024-0{(4 if new else 1) + i % 3}-05" for i, new in enumerate(late)]
    trend = groups_of(describe_opinions(model, TEXTS, {"day": days})).trend
    assert trend is not None
    assert (trend.until, trend.since, trend.difference) == ("Mar 2024", "Apr 2024", "above")
    halves = [[t for t, new in zip(TEXTS, late, strict=True) if new == half] for half in (0, 1)]
    expected = [model.estimate_prevalence(half).share for half in halves]
    assert [trend.before, trend.after] == pytest.approx(expected)
    mixed = describe_opinions(model, TEXTS, {"day": DATES})
    even = groups_of(mixed).trend
    assert even is not None
    assert even.difference == ""
    assert "No clear change over time: " in Tags(overview_page(mixed, "films")).text
    assert "No clear change over time: " in summary_of(mixed)


def test_few_texts_have_no_trend_and_no_share(model: SentimentClassifier) -> None:
    days = [f"2024-0{1 + i % 3}-05" for i in range(30)]
    found = groups_of(describe_opinions(model, TEXTS[:30], {"day": days}))
    assert found.trend is None
    assert [group.share for group in found.groups] == [None] * len(found.groups)


# ---- phrases


def test_words_are_counted_in_texts_and_shares_are_means_of_probabilities(
    model: SentimentClassifier, overview: Overview
) -> None:
    phrases = {one.text: one for side in overview.sides for one in side.phrases}
    assert {"wonderful", "best", "badly"} <= phrases.keys()
    for word in ("wonderful", "best"):
        own = [t for t in TEXTS if word in re.findall(r"[a-z]+", t.lower())]
        assert phrases[word].n == len(own)
        p = model.predict_proba(own)[:, 1]
        assert phrases[word].share == pytest.approx(p.mean(), abs=1e-4)


def test_negated_words_and_pairs_are_phrases_of_their_own(model: SentimentClassifier) -> None:
    texts = [f"The {w} was not good, a waste of money." for w in ("film", "plot", "cast", "end")]
    texts += [f"A good {w}, I highly recommend it." for w in ("film", "plot", "cast", "end")]
    found = describe_opinions(model, texts)
    negative, positive = ({p.text: p.n for p in side.phrases} for side in found.sides)
    assert negative["not good"] == 4
    assert {"waste", "waste of money"} & negative.keys()
    assert positive["good"] == 4  # not the negated ones
    assert positive.keys().isdisjoint(negative)


def test_examples_hold_their_phrase(overview: Overview) -> None:
    for side in overview.sides:
        for phrase in side.phrases:
            assert 1 <= len(phrase.examples) <= 3
            for quote in phrase.examples:
                marked = [text for text, weight in quote.parts if weight == 1]
                assert len(marked) == 1
                assert marked[0] in TEXTS[quote.row]
            spelt = {next(t for t, w in q.parts if w == 1).lower() for q in phrase.examples}
            assert phrase.text in spelt


def test_phrases_are_counted_as_a_plain_loop_counts_them() -> None:
    rng = np.random.default_rng(0)
    texts = [rng.integers(-1, 6, rng.integers(0, 9)).tolist() for _ in range(200)]
    values = rng.random((200, 2))
    words: dict[int, list[int]] = {}
    for i, text in enumerate(texts):
        for word in {w for w in text if w >= 0}:
            words.setdefault(word, []).append(i)
        for a, b in {(a, b) for a, b in pairwise(text) if min(a, b) >= 0 and a != b}:
            words.setdefault((a + 1) * 6 + b, []).append(i)
    expected = {number: rows for number, rows in words.items() if len(rows) >= 20}
    found = count_phrases(TokenIds.from_lists(texts), 6, values, 20)
    assert dict(zip(found.numbers.tolist(), found.n.tolist(), strict=True)) == {
        number: len(rows) for number, rows in expected.items()
    }
    sums = [values[expected[number]].sum(axis=0) for number in found.numbers.tolist()]
    np.testing.assert_allclose(found.sums, sums)


# ---- texts to read


def test_the_surest_and_the_most_doubtful_texts_are_those_of_predict_proba(
    model: SentimentClassifier, overview: Overview
) -> None:
    p = model.predict_proba(TEXTS)[:, 1]
    long = np.array([len(text) >= 30 for text in TEXTS])
    positive = np.where(long & (model.coverage(TEXTS) >= 0.5), p, 0)
    assert [q.row for q in overview.sides[1].surest] == np.argsort(-positive).tolist()[:6]
    doubt = np.where(long, np.abs(p - 0.5), 1)
    assert [q.row for q in overview.doubtful] == np.argsort(doubt).tolist()[:6]
    for quote in overview.doubtful:
        assert quote.probability == pytest.approx(max(p[quote.row], 1 - p[quote.row]), abs=1e-4)


def test_a_short_text_is_quoted_whole_with_weights_of_explain(
    model: SentimentClassifier, overview: Overview
) -> None:
    quote = overview.sides[0].surest[0]
    assert quote.cut == (False, False)
    assert text_of(quote) == TEXTS[quote.row]
    shares = dict(model.explain(TEXTS[quote.row], "positive").pieces)
    strongest = max(abs(share) for share in shares.values())
    for text, weight in quote.parts:
        if weight:
            assert weight == pytest.approx(shares[text] / strongest, abs=1e-3)


def test_of_a_long_text_the_strongest_passage_is_shown(model: SentimentClassifier) -> None:
    filler = "It is about a man and a town in the north. " * 12
    (quote,) = describe_opinions(model, [f"{filler}An awful, awful film! {filler}"]).sides[0].surest
    assert quote.cut == (True, True)
    assert "awful" in text_of(quote)
    assert len(text_of(quote)) <= 330
    assert text_of(quote).startswith(("It is", "An awful"))


def test_repeated_texts_are_shown_and_counted_once(model: SentimentClassifier) -> None:
    texts = ["A wonderful film.", "a  wonderful film. "] * 8 + ["Boring and bad."] * 3
    found = describe_opinions(model, texts)
    assert found.n_repeated == 17
    assert [q.row for side in found.sides for q in side.surest] == [16, 0]
    assert sum(found.counts.values()) == 19


# ---- what may come


def test_one_text_and_eight_copies_of_one_are_described(model: SentimentClassifier) -> None:
    one = describe_opinions(model, ["A wonderful film."])
    assert one.share is not None
    assert (one.share.n, one.counts) == (1, {"negative": 0, "positive": 1})
    assert "1 text" in overview_page(one, "one")
    eight = describe_opinions(model, ["A wonderful film."] * 8)
    assert eight.notes == ("all texts with a known word are the same text",)
    assert "are the same text." in overview_page(eight, "eight")


def test_blank_texts_and_unknown_words_are_counted_apart(model: SentimentClassifier) -> None:
    found = describe_opinions(model, ["good", "", "  \n", "qwzx ghtf", "bad film"])
    assert (found.n_texts, found.n_blank, found.n_unknown) == (5, 2, 1)
    assert sum(found.counts.values()) == 2
    page = overview_page(found, "some")
    assert "<dt>blank</dt><dd>2</dd>" in page
    assert "<dt>without a known word</dt><dd>1</dd>" in page


@pytest.mark.parametrize(
    ("texts", "columns", "by", "message"),
    [
        ([], {}, None, "there is no text"),
        (["", " "], {}, None, "all 2 texts are blank"),
        (["qwzx", "ghtf"], {}, None, "none of 2 texts holds a known word"),
        (["good"], {"a": ["1"]}, "b", "no column 'b'"),
        (["good", "bad"], {"a": ["1"]}, None, "the column 'a' has 1 values for 2 texts"),
        (["good", "bad"], {"a": ["x", "x"]}, "a", "all values are 'x'"),
        (["good", "bad"], {"a": ["", None]}, "a", "it has no value"),
        (["good"] * 30, {"a": range(30)}, "a", "30 different values in 30 texts"),
    ],
)
def test_what_cannot_be_described_is_said(
    model: SentimentClassifier,
    texts: list[str],
    columns: dict[str, list[object]],
    by: str | None,
    message: str,
) -> None:
    with pytest.raises(InputError, match=message):
        describe_opinions(model, texts, columns, by)


def test_texts_of_another_language_are_noted_and_not_warned_of(model: SentimentClassifier) -> None:
    french = [f"Le film numéro {i} est très ennuyeux, quel dommage pour tous." for i in range(40)]
    found = describe_opinions(model, french)
    assert "French" in found.notes[0]
    assert "French" in overview_page(found, "films")
    with pytest.warns(UnknownWordsWarning):
        model.estimate_prevalence(french)


def test_stars_have_counts_and_both_ends_but_no_share(world: World) -> None:
    texts, labels = world.few(40)
    stars = [{"positive": "5", "negative": "1"}[label] for label in labels]
    stars[::5] = ["3"] * 8
    model = SentimentClassifier(vectors=world.vectors, unlabelled=world.unlabelled)
    model.set_params(ordered=["1", "3", "5"]).fit(texts, stars)
    found = describe_opinions(model, texts, {"city": CITIES[:40]}, "city")
    assert found.share is None
    assert "a model of two labels" in found.share_missing
    assert found.labels == ("1", "3", "5")
    assert found.counts == Counter({"1": 0, "3": 0, "5": 0}) | Counter(
        model.predict(texts).tolist()
    )
    assert [side.label for side in found.sides] == ["1", "5"]
    assert all(group.share is None for group in groups_of(found).groups)
    page = overview_page(found, "stars")
    assert "counts of predictions" in page
    assert "Predicted labels." in page


def test_labels_without_an_order_are_all_sides(world: World) -> None:
    texts, labels = world.few(40)
    kinds = [("film", "play", "song")[i % 3] for i in range(len(labels))]
    model = SentimentClassifier(vectors=world.vectors, unlabelled=world.unlabelled, seeds=None)
    model.fit(texts, kinds)
    found = describe_opinions(model, texts)
    assert [side.label for side in found.sides] == ["film", "play", "song"]
    assert all(quote.label == side.label for side in found.sides for quote in side.surest)
    assert "For film" in overview_page(found, "kinds") or not found.sides[0].phrases


# ---- as values, as lines, as a page


def test_it_is_plain_data(overview: Overview) -> None:
    plain = overview.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["share"].keys() == {"label", "share", "low", "high", "n"}
    assert plain["groups"]["groups"][0]["name"] == "Rome"
    assert plain["columns"] == [
        {"name": "day", "kind": "time", "n_values": len(set(DATES))},
        {"name": "city", "kind": "category", "n_values": 3},
    ]
    quote = plain["sides"][1]["surest"][0]
    assert quote.keys() == {"row", "label", "probability", "coverage", "parts", "cut"}


def test_the_summary_has_the_share_the_groups_and_phrases(overview: Overview) -> None:
    lines = summary_of(overview).splitlines()
    assert re.match(r"\d+ % of 220 texts are positive \(95 %: \d+ to \d+ %\)", lines[0])
    assert any(line.startswith("Rome ") for line in lines)
    assert lines[-1].startswith("for negative: bad (")


class Tags(HTMLParser):
    """Collects the tags of a page, its attributes and its visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_texts_stay_text(model: SentimentClassifier) -> None:
    texts = [HOSTILE, '=HYPERLINK("http://x") awful film', "a bad\x00\x1b[31m\x7f\ud800 film"] * 9
    texts = [f"{text} {i}" for i, text in enumerate(texts)]
    columns = {"<b>where</b>": ["<i>here</i>", "<u>there</u>", "<i>here</i>"] * 9}
    found = describe_opinions(model, texts, columns, "<b>where</b>")
    page = overview_page(found, "<script>title</script>", ["<em>about</em>"])
    page.encode("utf-8")
    seen = Tags(page)
    assert seen.tags.isdisjoint({"script", "img", "b ", "i", "u", "em", "iframe", "link", "a"})
    assert not {name for name, _ in seen.attributes} & {"src", "href", "style", "onerror"}
    assert "</script><script>alert(1)</script>" in seen.text
    assert "<script>title</script>" in seen.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", page)


def test_the_page_asks_nothing_of_the_network_and_allows_its_own_style_alone(
    overview: Overview,
) -> None:
    page = overview_page(overview, "films.csv", ["The model is reviews-en."])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert not re.search(r"url\(|@import|https?:", page)
    assert "The model is reviews-en." in page
    assert page == overview_page(overview, "films.csv", ["The model is reviews-en."])


def test_the_page_shows_the_share_with_its_interval_and_each_group(overview: Overview) -> None:
    share, seen = overview.share, Tags(overview_page(overview, "films.csv"))
    assert share is not None
    assert f"{100 * share.share:.0f}\u00a0% of 220 texts are positive" in seen.text
    ends = f"{100 * share.low:.0f} to {100 * share.high:.0f}\u00a0%"
    labels = [value or "" for name, value in seen.attributes if name == "aria-label"]
    assert ends in labels[0].replace("%", "%")
    assert len(labels) == 1 + len(groups_of(overview).groups)
    assert "No group differs clearly." in seen.text


def test_a_timeline_has_gaps_where_texts_are_few_and_a_table(model: SentimentClassifier) -> None:
    days = [f"2024-{1 + i % 4:02d}-01" for i in range(200)]
    days[40:] = [d if d[5:7] != "02" else "2024-01-02" for d in days[40:]]
    found = describe_opinions(model, TEXTS[:200], {"day": days}, "day")
    periods = groups_of(found).groups
    assert [one.share is None for one in periods] == [False, True, False, False]
    page = overview_page(found, "films")
    assert page.count("<polyline") == 1  # March to April; January stands alone
    assert page.count("<circle") == 1 + 3
    assert "<td>Feb 2024</td><td>10</td><td></td><td>too few</td>" in page
