"""What a classifier gives to others: its file, its folder, its card, a repository on the Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_transfer.model import files
from sentiment_transfer.model.card import card_of, require_answers_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.model.card import ModelCard
    from sentiment_transfer.model.fitted import FittedStages
    from sentiment_transfer.pretraining.precision import Precision

__all__ = ["Shared"]


class Shared:
    """The methods of `SentimentClassifier` that write a fitted model down."""

    if TYPE_CHECKING:

        @property
        def stages_(self) -> FittedStages: ...  # noqa: D102  (of the classifier)

        def predict(self, texts: Iterable[str]) -> NDArray[Any]: ...  # noqa: D102  (of `Answering`)

    def card(
        self,
        evaluation: Any = None,  # noqa: ANN401  (an Evaluation)
        *,
        name: str = "model",
        test_set: str = "labelled texts",
        license: str | None = None,  # noqa: A002  (its name on the Hub)
    ) -> ModelCard:
        """Return the model's card, in Markdown with the YAML of the Hugging Face Hub.

        It has what the model was trained on, its sizes and how to load it; and accuracy, with its
        interval, calibration, coverage and failures, only if they were measured.

        Parameters
        ----------
        evaluation : Evaluation
            What `sentiment_transfer.experiments.evaluate` returns, or the ``report`` of it. The
            card says if the model was fitted on some of the texts, or if it was cross-validated.
        name
            Title of the card.
        test_set
            What the texts of the evaluation are called, in the plural.
        license
            License of the model as the Hub names it, such as ``"mit"``; left out if it is None.

        Returns
        -------
        ModelCard
            ``print`` shows its Markdown.

        Raises
        ------
        SettingError
            A name is no text, empty or has control characters, or ``evaluation`` is something else,
            or that of a model with other answers.
        NotFittedError
            The model is not trained yet.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> card = load("reviews-en").card(name="Reviews", license="mit")
        >>> print(card.metadata["language"], card.metadata["license"])
        en mit
        """
        card = card_of(
            self.stages_, name=name, evaluation=evaluation, test_set=test_set, license=license
        )
        require_answers_of(self.predict, evaluation)
        return card

    def save(
        self, path: str | Path, dtype: Precision = "float32", *, card: ModelCard | None = None
    ) -> None:
        """Write the whole model to one ``.safetensors`` file, or to a folder with its card.

        A path that is a folder or ends with a slash, and with ``card`` any path without a suffix,
        gets ``model.safetensors``, ``config.json`` and ``README.md``, which is the card, by default
        that of `card` without a measurement. Each file is written atomically.

        Parameters
        ----------
        path
            Of the file or the folder.
        dtype
            That of the stored word vectors (`WordVectors.save`).
        card
            What a folder gets as ``README.md``; there it says how to load that folder.

        Raises
        ------
        InputError
            The folder holds a ``config.json`` or ``README.md`` of something else, or no file can be
            written there.
        SettingError
            The model cannot be saved, ``card`` is no card, or one is given for the path of a file.
        NotFittedError
            The model is not trained yet.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> load("reviews-en").save("reviews.safetensors", "float16")
        >>> load("reviews.safetensors").predict(["I loved it."]).tolist()
        ['positive']
        """
        files.write(path, self.stages_, dtype, card)

    def push_to_hub(
        self,
        repo_id: str,
        *,
        card: ModelCard | None = None,
        dtype: Precision = "float16",
        private: bool = False,
        commit_message: str = "Upload a model",
        token: str | None = None,
    ) -> str:
        """Upload the model to the Hugging Face Hub, with the extra ``hub``.

        Parameters
        ----------
        repo_id
            ``"owner/name"``; it is created if it does not exist.
        card
            The `card` to show, which has a measurement if it was given one.
        dtype
            That of the stored word vectors.
        private
            Whether a repository that is created is private.
        commit_message
            Of the commit.
        token
            Of the account; by default the one that ``hf auth login`` stored, or ``HF_TOKEN``.

        Returns
        -------
        address : str
            ``hf://owner/name@commit``, which `load` reads.

        Raises
        ------
        MissingExtraError
            The package huggingface_hub is not installed.
        ModelFileError
            The Hub refuses the upload, or cannot be reached.
        SettingError
            The name is malformed, or ``card`` is no card.
        """
        return files.upload(
            repo_id,
            self.stages_,
            dtype=dtype,
            card=card,
            private=private,
            commit_message=commit_message,
            token=token,
        )
