"""What is left without the packages of the extras, and what the messages say of them."""

from __future__ import annotations

import copy
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from test_sentence_encoder import Endings

from sentiment_transfer import HiddenLayerClassifier, LSTMEncoder, SentimentClassifier, compare
from sentiment_transfer.errors import MissingExtraError
from sentiment_transfer.experiments.arms import ARMS, SENTENCE_ARMS, WITHOUT_TORCH

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run, World

WITHOUT = """
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *more: (
    None if name.partition(".")[0] in ("torch", "matplotlib", "jieba") else find(name, *more)
)
"""
ALL_JOBS = (
    WITHOUT
    + """
from sentiment_transfer import SentimentClassifier, compare, load
texts = ["good great film", "bad awful film", "great story good cast", "awful plot bad end"] * 20
labels = ["positive", "negative"] * 40
model = SentimentClassifier().pretrain(texts).fit(texts[:8], labels[:8])
model.save(sys.argv[1])
model = load(sys.argv[1])
assert model.predict(["a great film"]) == ["positive"]
model.explain("a great film"), model.polar_words(2, 1)
shipped = load("reviews-en").adapt(texts)
pool, test = [f"{text} {n}" for n, text in enumerate(texts)], [f"seen {t}" for t in texts[:8]]
made = compare(shipped, (pool, labels), (test, labels[:8]), budgets=[4], draws=2)
print(*made.table["arm"], sep="\\n")
print(*made.left_out.values(), sep="\\n")
"""
)


@pytest.fixture(scope="module")
def model(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.base.extras.find_spec", lambda _: None)


def test_every_job_of_the_base_runs_without_the_extras(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  (this project's own code)
        [sys.executable, "-c", ALL_JOBS, str(tmp_path / "model.safetensors")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    run, left_out = done.stdout.splitlines()[:-2], done.stdout.splitlines()[-2:]
    assert run == [ARMS[n][0] for n in ("model", "tfidf", "nbsvm", "seeds", "majority")]
    assert all("needs torch; install it with" in reason for reason in left_out)


@pytest.mark.usefixtures("without_extras")
def test_a_network_names_the_extra_that_it_needs(world: World) -> None:
    with pytest.raises(MissingExtraError, match=r"a HiddenLayerClassifier needs torch.*\[torch\]"):
        HiddenLayerClassifier().fit([[0.0], [1.0]], ["a", "b"])
    model = SentimentClassifier(vectors=world.vectors, encoder=LSTMEncoder())
    with pytest.raises(MissingExtraError, match="the training of a LSTMEncoder needs torch"):
        model.fit(*world.few(8))
    with pytest.raises(MissingExtraError, match="the arm 'lstm' needs torch"):
        compare("reviews-en", world.few(40), world.test, budgets=[8], draws=1, arms=["lstm"])


@pytest.mark.usefixtures("without_extras")
@pytest.mark.parametrize("name", ARMS)
def test_every_other_arm_runs_without_torch(
    world: World, model: SentimentClassifier, name: str
) -> None:
    given = Endings() if name in SENTENCE_ARMS else None
    model = copy.copy(model).set_params(sentence_encoder=given)

    def run() -> None:
        compare(model, world.few(40), world.test, budgets=[8], draws=1, arms=[name])

    if name in WITHOUT_TORCH:
        run()
    else:
        with pytest.raises(MissingExtraError, match=f"the arm '{name}' needs torch"):
            run()


@pytest.mark.usefixtures("without_extras")
@pytest.mark.parametrize(
    ("options", "missing"),
    [
        (["--head", "network"], "--head network needs torch"),
        (["--encoder", "lstm"], "--encoder lstm needs torch"),
    ],
)
def test_a_command_names_the_extra_before_any_work(
    run: Run, tmp_path: Path, options: list[str], missing: str
) -> None:
    code, _, err = run(
        *("fit", tmp_path / "no.csv", "--unlabelled", tmp_path / "no.txt"),
        *("-o", tmp_path / "m.safetensors", *options),
    )
    assert code == 1
    assert err.startswith(f"error: {missing}; install it with: pip install ")


@pytest.mark.usefixtures("without_extras")
def test_a_picture_is_refused_before_any_work(run: Run, tmp_path: Path) -> None:
    code, _, err = run("polar-words", "reviews-en", "--plot", tmp_path / "words.svg")
    assert code == 1
    assert "a plot needs matplotlib; install it with: pip install 'sentiment-transfer[plot]'" in err
