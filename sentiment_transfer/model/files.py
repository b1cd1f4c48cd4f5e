"""Reading of model files, and of the models that ship with the package (the bank)."""

from __future__ import annotations

import difflib
import os
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sentiment_transfer.base.notice import level_of_caller
from sentiment_transfer.base.schema import check, require_readable
from sentiment_transfer.errors import (
    ModelFileError,
    SentimentTransferError,
    SettingError,
    shown,
)
from sentiment_transfer.languages import available_languages, language_reference
from sentiment_transfer.model.card import ModelCard, card_of, is_printable
from sentiment_transfer.model.fitted import FittedStages
from sentiment_transfer.model.folder import model_in, write_folder
from sentiment_transfer.model.hub import Address, fetch, is_hub, push, require_hub
from sentiment_transfer.model.stored import ModelFacts
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.pretraining.bank import bank_names, bank_path, is_shipped, language_of
from sentiment_transfer.pretraining.stored import VectorsFacts
from sentiment_transfer.storage import load_file, save_file

if TYPE_CHECKING:
    from sentiment_transfer.pretraining.precision import Precision

__all__ = [
    "model_path",
    "open_bank",
    "open_member",
    "open_members",
    "read",
    "upload",
    "write",
]


def model_path(path: str | Path) -> Path:
    """Return the path of a model file, by its path or folder or the name of a model.

    Names are those of models of the package, and of models on the Hub (``hf://owner/name``), which
    are fetched if the cache does not have them.

    Parameters
    ----------
    path
        Of a file or folder, or a name.

    Returns
    -------
    Path
        Of the model file.

    Raises
    ------
    ModelFileError
        There is no such model.

    Examples
    --------
    >>> model_path("reviews-en").name
    'reviews-en.safetensors'
    """
    if Path(path).is_file():
        return Path(path)
    if not os.fspath(path):
        raise ModelFileError("the path of a model is empty; give that of a file", path="''")
    if is_hub(path):
        return fetch(path)
    if str(path) in bank_names():  # perhaps a folder has its name
        return bank_path(str(path))
    if found := model_in(Path(path)):
        return found
    if os.path.lexists(path):
        return Path(path)
    raise ModelFileError(
        f"does not exist{_meant(path)}; give the path of a model file or the name of a model of "
        "the package: "
        f"{', '.join(bank_names())}",
        path=str(path),
    )


def _meant(path: str | Path) -> str:
    """Return a hint at a name like this one: of a shipped model, or of a file in its folder.

    Or at how to get a model of a language of which none ships.
    """
    kind, _, language = str(path).rpartition("-")
    kinds = {name.rpartition("-")[0] for name in bank_names()}
    if kind in kinds and language in available_languages() and not bank_names(language):
        return (
            f": no model of {language!r} ships, and `pretrain --language {language}` learns one "
            "from texts of your own"
        )
    beside = [one.name for one in Path(path).parent.glob("*.safetensors")]
    for given, names in ((str(path), bank_names()), (Path(path).name, beside)):
        if near := difflib.get_close_matches(given, names, n=1):
            return f" (did you mean {near[0]}?)"
    return ""


def read(path: str | Path) -> FittedStages | WordVectors:
    """Read a model; see `load`."""
    path = model_path(path)
    stored = load_file(path)
    content = stored.manifest, stored.tensors
    if stored.kind == "word_vectors":
        return WordVectors.from_state(check(VectorsFacts, *content, str(path)), stored.tensors)
    if stored.kind == "classifier":
        return FittedStages.from_state(check(ModelFacts, *content, str(path)), stored.tensors)
    raise ModelFileError(
        f"holds {shown(stored.kind)}, which is not a model; give a file that `save` wrote",
        path=str(path),
    )


def write(
    path: str | Path, stages: FittedStages, dtype: Precision, card: ModelCard | None = None
) -> None:
    """Write a model to a file or a folder; see `SentimentClassifier.save`."""
    _require_card(card)
    as_folder = os.fspath(path).endswith(("/", os.sep)) or Path(path).is_dir()
    if as_folder or (card is not None and not Path(path).suffix):
        page = (card or _card_of_folder(Path(path), stages)).loaded_from("path/to/this/folder")
        write_folder(Path(path), stages, lambda file: write(file, stages, dtype), page)
        return
    if card is not None:
        raise SettingError(
            f"a card is written to a folder; give one in place of {shown(str(path))}"
        )
    content = stages.state(dtype)
    require_readable(ModelFacts, *content, str(path))
    save_file(path, "classifier", *content)


def upload(
    repo_id: str,
    stages: FittedStages,
    *,
    dtype: Precision,
    card: ModelCard | None,
    private: bool,
    commit_message: str,
    token: str | None,
) -> str:
    """Upload a model to the Hub; see `SentimentClassifier.push_to_hub`."""
    address = Address.of(f"hf://{str(repo_id).removeprefix('hf://')}")
    if address.revision is not None:
        raise SettingError(f"{address} has a revision; a commit gets its own, so leave it out")
    _require_card(card)
    require_hub()
    card = (card or card_of(stages, name=address.repository)).loaded_from(str(address))
    with TemporaryDirectory() as folder:
        write_folder(Path(folder), stages, lambda file: write(file, stages, dtype), card)
        at = push(
            Path(folder), address, private=private, commit_message=commit_message, token=token
        )
    return str(at)


def _card_of_folder(folder: Path, stages: FittedStages) -> ModelCard:
    name = folder.resolve().name
    return card_of(stages, name=name if is_printable(name) else "model")


def _require_card(card: object) -> None:
    """Raise ``SettingError`` for what is no card, before a file is touched."""
    if card is not None and not isinstance(card, ModelCard):
        raise SettingError(
            f"card={shown(card)} is not allowed; give what the method card() of a model returns"
        )


def open_member(name: str | Path, language: str | None = None) -> FittedStages:
    """Read a member of the bank by its name, or a classifier from a file, of a language if given.

    Raises
    ------
    ModelFileError
        There is no such member or file, or it is damaged.
    SettingError
        It is of another language, or word vectors alone.
    """
    stages = read(name)
    if isinstance(stages, WordVectors):
        raise SettingError(f"{name} holds word vectors alone; give a model")
    trained = stages.vectors.tokenizer.language
    if language is not None and not _is_of(stages, language):
        raise SettingError(f"{name} is for {trained!r}, not language={language!r}; choose another")
    return stages


def _is_of(stages: FittedStages, language: str) -> bool:
    """Whether a model is of a language; of one that does not ship, its code is enough."""
    known = stages.vectors.tokenizer.language_data
    if language == known.code and language not in available_languages():
        return True
    return language_reference(language) == stages.vectors.tokenizer.language


def open_members(language: str | None = None) -> dict[str, FittedStages]:
    """Read the members of the bank, of one language if it is given.

    A file of others that cannot be read, or is of another language than its name has, is left out
    with a warning.
    """
    members = {}
    for name in bank_names(language):
        try:
            members[name] = open_member(name, language_of(name))
        except SentimentTransferError as error:
            if is_shipped(name):
                raise
            warnings.warn(f"{bank_path(name)} is left out: {error}", stacklevel=level_of_caller())
    return members


def open_bank(name: str, language: str) -> FittedStages:
    """Read a model of the bank; raises ``SettingError`` for another name or language."""
    if name not in bank_names():
        raise SettingError(
            f"vectors={name!r} do not ship with the package; these do: "
            f"{', '.join(bank_names())}, and 'auto' chooses one (for a file pass "
            "vectors=load(path))"
        )
    return open_member(name, language)
