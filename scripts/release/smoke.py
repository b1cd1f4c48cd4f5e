"""A smoke test of an installed package, away from the repository: `python -I smoke.py`.

Needs nothing but the package in the environment of the Python that runs it, without extras.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LOVED, DULL = "I loved every minute.", "A waste of time."


def command(*arguments: str) -> str:
    """Run the command line that the archive has installed, and return what it prints."""
    program = Path(sys.executable).with_name("sentiment-transfer")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def the_package_is_the_installed_one() -> str:
    import sentiment_transfer

    place = Path(sentiment_transfer.__file__).resolve()
    assert Path(sys.prefix).resolve() in place.parents, place
    version = importlib.metadata.version("sentiment-transfer")
    assert sentiment_transfer.__version__ == version
    assert (place.parent / "py.typed").is_file()
    return version


def shipped_models_predict() -> str:
    from sentiment_transfer import load
    from sentiment_transfer.pretraining.bank import bank_names

    for name in bank_names():
        load(name)
    model = load("reviews-en")
    assert model.predict([LOVED, DULL]).tolist() == ["positive", "negative"]
    assert model.coverage(["qwertz"]).tolist() == [0]
    return ", ".join(bank_names())


def the_movies_are_learnt_from_and_saved() -> str:
    import sentiment_transfer
    from sentiment_transfer import load, read_labelled, read_texts

    example = Path(sentiment_transfer.__file__).parent / "example"
    few, unlabelled = read_labelled(example / "labelled.csv"), example / "unlabelled.txt"
    model = load("reviews-en").adapt(read_texts(unlabelled)).fit(few.texts, few.labels)
    model.save("movies.safetensors")
    assert load("movies.safetensors").predict([DULL]).tolist() == model.predict([DULL]).tolist()
    assert model.predict([LOVED, DULL]).tolist() == ["positive", "negative"]
    return f"{len(few.texts)} labels"


def the_command_line_works() -> str:
    assert "sentiment-transfer" in command("--version")
    assert "positive" in command("predict", "reviews-en", "--string", LOVED)
    Path("texts.txt").write_text(f"{LOVED}\n{DULL}\n", encoding="utf-8")
    lines = command("predict", "reviews-en", "texts.txt", "--format", "jsonl").splitlines()
    assert [json.loads(line)["label"] for line in lines] == ["positive", "negative"], lines
    assert "wonderful" in command("language", "show", "en")
    assert "reviews-en" in command("bank", "list")
    return "predict, language, bank"


def what_needs_an_extra_names_it() -> str:
    from sentiment_transfer import HiddenLayerClassifier
    from sentiment_transfer.errors import MissingExtraError

    if importlib.util.find_spec("torch"):
        return "torch is installed"
    said = ""
    try:
        HiddenLayerClassifier().fit([[0.0], [1.0]], ["a", "b"])
    except MissingExtraError as error:
        said = str(error)
    assert "sentiment-transfer[torch]" in said, said
    return "torch is named"


def main() -> None:
    """Run every test in a new folder, and print what each says."""
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        for test in (
            the_package_is_the_installed_one,
            shipped_models_predict,
            the_movies_are_learnt_from_and_saved,
            the_command_line_works,
            what_needs_an_extra_names_it,
        ):
            print(f"{test.__name__.replace('_', ' ')}: {test()}", flush=True)
        os.chdir("/")


if __name__ == "__main__":
    main()
