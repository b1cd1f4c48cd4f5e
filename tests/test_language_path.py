"""A language from a file of one's own: by its path, and within a model file."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from made_languages import made_language, write_language

from sentiment_transfer import SentimentClassifier, SkipGram, load
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.languages import (
    language_content,
    language_reference,
    load_language,
    register_language,
)
from sentiment_transfer.languages.files import language_file, read_language_file
from sentiment_transfer.languages.schema import MAX_BYTES
from sentiment_transfer.model.files import open_member, open_members
from sentiment_transfer.storage import load_file, save_file
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

TEXTS = ["the film is good", "good ne film", "a bad film", "awful and dull", "great non"] * 40
LABELLED = ["good", "great", "bad", "awful"], ["positive", "positive", "negative", "negative"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_language(tmp_path / "qx.json")


@pytest.fixture
def model(path: Path) -> SentimentClassifier:
    return pretrained(str(path)).fit(*LABELLED)


def pretrained(language: Any) -> SentimentClassifier:  # noqa: ANN401
    return SentimentClassifier(language, seed=0).pretrain(TEXTS)


@pytest.mark.parametrize("as_given", [str, lambda path: path], ids=["text", "path"])
def test_a_path_is_a_language(path: Path, as_given: Callable[[Path], Any]) -> None:
    language = load_language(as_given(path))
    assert (language.code, language.name, language.version) == ("qx", "Example", 3)
    assert Tokenizer(as_given(path))("good ne") == ["no_good", "ne"]
    # what a file may leave out
    assert language.positive_labels == {"positive", "pos", "1"}
    assert language.grammar.patterns == ()
    assert language.segmenter is None


def test_the_reference_names_the_content_not_the_place(path: Path, tmp_path: Path) -> None:
    reference = language_reference(path)
    assert reference.startswith("qx#")
    assert language_reference(reference) == reference
    other = write_language(tmp_path / "other.json")
    assert language_reference(other) == reference
    assert language_reference(write_language(other, version=4)) != reference
    assert load_language(other).version == 4
    assert load_language(reference).version == 3


def test_a_copy_of_a_shipped_file_is_the_shipped_language(tmp_path: Path) -> None:
    shipped = (files("sentiment_transfer.languages") / "en.json").read_text(encoding="utf-8")
    path = tmp_path / "mine.json"
    path.write_text(shipped, encoding="utf-8")
    assert language_reference(path) == "en"
    assert "language_data" not in Tokenizer(str(path)).describe()
    path.write_text(shipped.replace('"version": 1', '"version": 2', 1), encoding="utf-8")
    assert language_reference(path).startswith("en#")


@pytest.mark.filterwarnings("ignore")  # few texts
def test_a_model_keeps_the_language_it_was_trained_with(
    model: SentimentClassifier, path: Path, tmp_path: Path
) -> None:
    before = model.predict_proba(TEXTS)
    tokens = model.vectors_.tokenizer("good ne")
    write_language(path, negators={"no": "no"}, scope=made_language()["scope"] | {"after": []})
    assert model.vectors_.tokenizer("good ne") == tokens == ["no_good", "ne"]
    assert (model.predict_proba(TEXTS) == before).all()
    model.save(tmp_path / "model.safetensors")
    path.unlink()
    read = load(tmp_path / "model.safetensors")
    assert (read.predict_proba(TEXTS) == before).all()
    assert read.language == model.vectors_.tokenizer.language
    read.fit(*LABELLED)  # with the language of the file


@pytest.mark.filterwarnings("ignore")  # few texts
def test_another_process_reads_the_model_without_the_language_file(
    model: SentimentClassifier, path: Path, tmp_path: Path
) -> None:
    file, again = tmp_path / "model.safetensors", tmp_path / "again.safetensors"
    model.save(file)
    path.unlink()
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model.vectors_.tokenizer))
    program = (
        "import pickle, sys; from sentiment_transfer import load\n"
        "print(pickle.load(open(sys.argv[3], 'rb'))('good ne'))\n"
        "load(sys.argv[1]).save(sys.argv[2])\n"
    )
    places = [file, again, tmp_path / "model.pickle"]
    done = subprocess.run(  # noqa: S603  (this program)
        [sys.executable, "-c", program, *map(str, places)], capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == "['no_good', 'ne']"
    assert again.read_bytes() == file.read_bytes()


@pytest.mark.filterwarnings("ignore")  # few texts
def test_word_vectors_keep_it_too(path: Path, tmp_path: Path) -> None:
    vectors = SkipGram(tokenizer=Tokenizer(str(path)), min_count=1, epochs=1).fit(TEXTS).vectors_
    vectors.save(tmp_path / "vectors.safetensors")
    write_language(path, version=9)
    assert load(tmp_path / "vectors.safetensors").tokenizer.language_data.version == 3
    with pytest.raises(SettingError, match="but the vectors are for 'qx#"):
        SentimentClassifier(str(path), vectors=vectors).pretrain(TEXTS)


def test_a_copied_tokenizer_has_the_same_language(path: Path) -> None:
    tokenizer = Tokenizer(str(path)).with_own_language()
    assert copy.deepcopy(tokenizer)("good ne") == ["no_good", "ne"]
    assert Tokenizer("en").with_own_language().language == "en"


@pytest.mark.parametrize("name", ["missing.json", "folder.json", "qx.txt", "\0.json"])
def test_what_is_no_file_is_refused_with_the_codes(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.json").mkdir()
    write_language(tmp_path / "qx.txt")
    with pytest.raises(SettingError, match=r"is not allowed; it must be the path|cannot be read"):
        load_language(str(tmp_path / name))


@pytest.mark.parametrize("given", [3, ["en"], None, b"en", {"language": "en"}])
@pytest.mark.parametrize(
    "use",
    [
        load_language,
        language_file,
        lambda language: Tokenizer(language)("a film"),
        lambda language: SentimentClassifier(language).pretrain(TEXTS),
        lambda language: SentimentClassifier(language, vectors="reviews-en").fit(*LABELLED),
    ],
    ids=["load", "file", "tokenizer", "pretrain", "shipped vectors"],
)
def test_a_language_that_is_neither_a_code_nor_a_path_is_refused(
    use: Callable[[Any], object], given: object
) -> None:
    with pytest.raises(SettingError, match=r"language=.* is not allowed; it must be the path of a"):
        use(given)


def test_a_path_with_a_nul_cannot_be_read() -> None:
    with pytest.raises(SettingError, match="cannot be read: embedded null"):
        read_language_file("a\0.json")


NEW = "negators"
WRONG: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", r"qx.json:1: is not JSON"),
    "no object": ([1], "must be an object"),
    "a part is missing": ({"language": "qx"}, "missing required field `name`"),
    "an unknown part": (made_language(stopwords=[]), "unknown field `stopwords`"),
    "no text": (made_language(stop_words=[1]), r"stop_words\[0\]: expected `str`, got `int`"),
    "no reach": (made_language(scope=made_language()["scope"] | {"window": 0}), "scope.window"),
    "a code that is a path": (made_language(language="../en"), "language: "),
    "an unknown segmenter": (made_language(segmenter="os"), "segmenter must be null or one of"),
    "a cut with a program": (made_language(cuts=["(a+)+|b"]), r"cuts\[0\]"),
    "a cut without a mark": (made_language(cuts=["ab"]), r"cuts\[0\]"),
    "a cut around nothing": (made_language(cuts=["||"]), r"cuts\[0\]"),
    "a cut before a word only": (made_language(cuts=["|ab"]), r"cuts\[0\]"),
    "a cut around a program": (made_language(cuts=["|a+|"]), r"cuts\[0\]"),
    "an affix without a hyphen": (made_language(negator_affixes={"un": "no"}), "negator_affixes"),
    "an unknown class": (
        made_language(grammar={"patterns": [{"match": "<fault>", "means": "x"}]}),
        "'<fault>', which is not there",
    ),
    "a class without its brackets": (
        made_language(grammar={
            "classes": {"fault": ["x"]}, "patterns": [{"match": "y", "mutes": "fault"}],
        }),
        "'fault', which is not there",
    ),
    "a pattern longer than its room": (
        made_language(grammar={"patterns": [{"match": "x " + "y* " * 16}]}),
        "can match more than 64 words",
    ),
    "an unknown union": (made_language(grammar={"unions": {"a": ["b"]}}), "'b', which is not"),
    "a long word": (made_language(stop_words=["a" * 101]), "stop_words"),
    "too many words": (made_language(stop_words=[str(i) for i in range(20_001)]), "stop_words"),
    "a huge grammar": (
        made_language(grammar={
            "classes": {"a": [f"a{i}" for i in range(20_000)]},
            "patterns": [{"match": "<a> x y"}] * 500,
        }),
        "are too many",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused_with_the_place(path: Path, kind: str) -> None:
    content, message = WRONG[kind]
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    with pytest.raises(SettingError, match=message):
        load_language(path)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            '{\n "a": [\n  "x",\n  "y",\n ]\n}',
            '4: is not JSON at column 6: a comma too many; .*"y",',
        ),
        ('{\n "a": [1],\n}\n', "2: is not JSON at column 10: a comma too many"),
        ('{\n "a": 1\n "b": 2\n}', '2: is not JSON at column 8: a comma is missing; .*"a": 1\''),
        ("{\n 'a': 1\n}", "2: is not JSON at column 2: write words in double quotation marks"),
        ('{\n "a": ["x",\n', "2: is not JSON at column 12: the file ends too early"),
        ('{\n "a": "x,\n "b": 1\n}', "2: is not JSON at column 10: a quotation mark is missing"),
        ("", "1: is not JSON at column 1: the file is empty"),
        ('{"a": x}', "1: is not JSON at column 7: Expecting value"),
    ],
)
def test_broken_json_is_explained_where_it_breaks(path: Path, written: str, said: str) -> None:
    path.write_text(written, encoding="utf-8")
    with pytest.raises(SettingError, match=f"qx.json:{said}"):
        load_language(path)


def test_the_evidence_of_a_draft_is_told_from_its_file(run: Run, tmp_path: Path) -> None:
    evidence = tmp_path / "qx.evidence.csv"
    evidence.write_text("part,word\nnegators,not\n", encoding="utf-8")
    code, _, err = run("language", "check", evidence)
    assert code == 3
    assert "is the evidence of a draft; give its language file, " in err
    assert "qx.json" in err


def test_a_double_name_and_a_large_file_are_refused(path: Path) -> None:
    path.write_text('{"name": "a", "name": "b"}', encoding="utf-8")
    with pytest.raises(SettingError, match="'name' stands twice"):
        load_language(path)
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(SettingError, match="a language file is smaller"):
        load_language(path)
    path.write_bytes(b'"\xff"')
    with pytest.raises(SettingError, match="is not JSON in UTF-8"):
        load_language(path)


@pytest.mark.filterwarnings("ignore")  # few texts
@pytest.mark.parametrize("change", ["other content", "no content", "wrong content", "no scope"])
def test_a_model_file_whose_language_was_altered_is_refused(
    model: SentimentClassifier, tmp_path: Path, change: str
) -> None:
    file = tmp_path / "model.safetensors"
    model.save(file)
    stored = load_file(file)
    facts = stored.manifest["vectors"]["tokenizer"]
    if change == "other content":
        facts["language_data"]["negators"]["nix"] = "no"
    elif change == "no content":
        del facts["language_data"]
        facts["language"] = "qx#0123456789abcdef"
    elif change == "wrong content":
        facts["language_data"]["stop_words"] = "the"
    else:
        del facts["language_data"]["scope"]
    save_file(file, "classifier", stored.manifest, stored.tensors)
    with pytest.raises((ModelFileError, SettingError), match="language"):
        load(file)


def test_what_ships_is_not_registered_and_a_registered_language_is_known(path: Path) -> None:
    assert language_content("en") is None
    reference = register_language(made_language())
    assert language_content(reference) is not None
    assert load_language(reference).code == "qx"


@pytest.mark.filterwarnings("ignore")  # few texts
def test_a_bank_of_others_may_be_in_such_a_language(
    model: SentimentClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path / "reviews-qx.safetensors")
    monkeypatch.setenv("SENTIMENT_TRANSFER_BANK", str(tmp_path))
    assert [*open_members("qx")] == ["reviews-qx"]
    with pytest.raises(SettingError, match="is for 'qx#"):
        open_member("reviews-qx", "en")


@pytest.mark.filterwarnings("ignore")  # few texts
def test_the_command_line_takes_a_file(run: Run, path: Path, tmp_path: Path) -> None:
    texts, out = tmp_path / "texts.txt", tmp_path / "vectors.safetensors"
    texts.write_text("\n".join(TEXTS), encoding="utf-8")
    code, _, err = run("pretrain", texts, "--language", path, "-o", out, "-q")
    assert code == 0, err
    assert load(out).vectors_.tokenizer.language == language_reference(path)
    code, _, err = run("pretrain", texts, "--language", tmp_path / "no.json", "-o", out, "-q")
    assert code == 2
    assert "no.json is not allowed; it must be the path of a language file" in err
