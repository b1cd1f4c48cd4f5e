"""The command line advises its options, and Python its arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sentiment_transfer import SentimentClassifier, SkipGram, read_labelled
from sentiment_transfer.cli.wording import in_options
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.contradiction import SeedsContradictedWarning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Run

ARGUMENT = re.compile(r"[a-z]=|\bskip_bad\b|\bpretrain\(")
OPTION = re.compile(r"--[a-z]")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("drop the row or pass skip_bad=True", "drop the row or pass --skip-bad"),
        ("Name the column with text=...", "Name the column with --text COLUMN"),
        (
            (
                'label is empty; pass blank="unlabelled" to read the texts of such rows as '
                "unlabelled ones, drop the row or pass skip_bad=True"
            ),
            "label is empty; drop the row or pass --skip-bad",
        ),
        ("ordered=['1-5'] is not allowed", "--ordered 1-5 is not allowed"),
        ("ordered=['a', 'b'] is not allowed", "--ordered a,b is not allowed"),
        ("SkipGram: min_count=0 is not allowed", "--min-count 0 is not allowed"),
        ("(draw with prevalence='natural', or less)", "(draw with --prevalence natural, or less)"),
        ("read x=1, y_text=2 in 'a.csv'", "read x=1, y_text=2 in 'a.csv'"),
        ("needs; pass language='zh'", "needs; pass --language zh"),
        (
            "fit labels of these texts, or pass seeds=(positive, negative) of that language",
            "fit labels of these texts",
        ),
        ("cluster='local:0' is not allowed", "--cluster local:0 is not allowed"),
        ("with checkpoint=... it continues", "with --checkpoint ... it continues"),
        ("nothing to change", "nothing to change"),
    ],
)
def test_arguments_become_options(message: str, expected: str) -> None:
    assert in_options(message) == expected


def raised(act: Callable[[], Any]) -> str:
    with pytest.raises((InputError, SettingError)) as error:
        act()
    return str(error.value)


def test_messages_of_the_package_name_arguments_and_those_of_the_command_line_options(
    tmp_path: Path,
) -> None:
    empty, named = tmp_path / "empty.csv", tmp_path / "named.csv"
    empty.write_text("text,label\ngood,a\n,b\n")
    named.write_text("txt,label\ngood,a\n")
    model = SentimentClassifier(vectors="reviews-en", ordered=["a"])
    turned = [f"{word} lamp {i}" for i in range(6) for word in ("superb", "awful")]
    with pytest.warns(SeedsContradictedWarning) as warned:
        SentimentClassifier(vectors="reviews-en").fit(turned, ["negative", "positive"] * 6)
    messages = [
        raised(lambda: read_labelled(empty)),
        raised(lambda: read_labelled(named)),
        raised(lambda: model.fit(["good", "bad"], ["a", "b"])),
        raised(lambda: SkipGram().fit(["a b"])),
        str(warned[0].message),
    ]
    for message in messages:
        assert ARGUMENT.search(message), message
        assert not OPTION.search(message), message
        assert not ARGUMENT.search(in_options(message)), in_options(message)
        assert OPTION.search(in_options(message)), in_options(message)


def test_a_text_in_place_of_a_file_is_shown_the_way_to_give_one(run: Run) -> None:
    code, _, err = run("predict", "reviews-en", "I loved it")
    assert code == 3
    assert err.endswith("check the spelling, or give a text itself with --string\n")


def test_a_misspelt_name_of_a_shipped_model_is_recognised(run: Run) -> None:
    code, _, err = run("predict", "review-en", "--string", "x")
    assert code == 4
    assert "did you mean reviews-en?" in err


def test_debug_may_stand_behind_the_command() -> None:
    from sentiment_transfer.cli import main

    for arguments in (["--debug", "inspect", "no.txt"], ["inspect", "no.txt", "--debug"]):
        with pytest.raises(Exception, match=r"no\.txt: does not exist"):
            main(arguments)


def test_what_was_skipped_is_counted_in_plain_words(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\ngood,a\n,b\nfine,a,b\nbad,b\n")
    options = ("--vectors", "reviews-en", "--skip-bad", "-o", tmp_path / "m.safetensors")
    code, _, err = run("fit", path, *options)
    assert code == 0
    assert "\nskipped in all: 2\n" in err
