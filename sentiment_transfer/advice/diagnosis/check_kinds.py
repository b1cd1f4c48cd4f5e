"""What there is to say of each check of a diagnosis: how it is made, why it matters, what to do."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["KINDS", "Kind", "remedy_of"]


class Kind(NamedTuple):
    """A kind of check: the part of a model that it blames, and what there is to say of it."""

    part: str
    name: str
    found_by: str
    why: str
    remedy: str


LITTLE, FOREIGN, VECTORS, HEAD, LABELS = (
    "too little text",
    "foreign text",
    "vectors",
    "head",
    "labels",
)

KINDS = {
    "T1": Kind(
        LITTLE,
        "amount of text",
        "counting the tokens that the word vectors were learnt from",
        "vectors of rare words are chance, and most words of other texts have none",
        "start from shipped vectors of the language (vectors='auto'), or pretrain on more texts: "
        "a thousand reviews, or ten thousand sentences",
    ),
    "T2": Kind(
        FOREIGN,
        "kind of text",
        "comparing which words are known, and how frequent they are, with the texts of pretraining "
        "and with those of the reference",
        "words of another kind of text have no vector, or the vector of another meaning",
        "pretrain on texts of this kind, or take vectors whose texts are closer "
        "(vectors='auto'), and adapt the model to unlabelled texts of this kind",
    ),
    "V1": Kind(
        VECTORS,
        "seed words",
        "leaving out one seed word at a time: is it on the side of its polarity, by the others?",
        "polarity is a direction in the space of the vectors; without it there is nothing to carry "
        "to other words",
        "check that words and rows of the vectors belong together, then pretrain again",
    ),
    "V2": Kind(
        VECTORS,
        "words of one text",
        "comparing cosines of the words of a text with those after a random exchange of vectors",
        "vectors are learnt from words that occur together; where this does not show, they have "
        "learnt nothing, or belong to other words",
        "check that words and rows of the vectors belong together, then pretrain again",
    ),
    "V3": Kind(
        VECTORS,
        "training of the vectors",
        "looking at the loss of the first and the last epoch",
        "a loss that does not fall means that nothing was learnt",
        "pretrain again with the default learning rate, and more epochs for little text",
    ),
    "V4": Kind(
        VECTORS,
        "lengths and directions",
        "the median length, the share of vectors of length 0, and the mean cosine of two words",
        "vectors that all point one way, or are 0, do not tell words apart",
        "pretrain again with the default settings, on more text",
    ),
    "H1": Kind(
        HEAD,
        "training against validation",
        "comparing the log loss on the labelled texts in training and left out, and that of other "
        "heads on the same vectors in the same folds",
        "a head with more freedom than labels learns the labels by heart",
        "leave head= out, or take fewer hidden units (`advise sizing`) with weight decay",
    ),
    "H2": Kind(
        HEAD,
        "another head",
        "swapping the head for the default one and for logistic regression, in the same folds",
        "the vectors and the labels hold more than the head makes of them",
        "use the better head",
    ),
    "L1": Kind(
        LABELS,
        "wrong labels",
        "a model that saw no label, which wrong labels contradict even where it is sure",
        "the head learns the errors too, and any accuracy is measured against them",
        "list them with `advise audit`, read these texts, and correct their labels",
    ),
    "S1": Kind(
        "",
        "parts of the texts",
        "comparing left-out answers to a part with those to the others (Fisher's exact test, "
        "corrected for the number of parts)",
        "one figure for all texts hides a part that is answered badly",
        "label more texts of that part, and read its errors (`evaluate --errors`)",
    ),
}
"""Kinds of checks by code, in the order in which they are answered for: what is wrong with the text
is wrong with everything that is built on it."""

_WITHOUT_BANK = {
    "T1": "pretrain on more texts: a thousand reviews, or ten thousand sentences",
    "T2": "pretrain on texts of this kind, and adapt the model to unlabelled ones",
}


def remedy_of(code: str, *, in_bank: bool) -> str:
    """Return what to do, without shipped vectors if the language has no member of the bank."""
    remedy = KINDS[code].remedy
    return remedy if in_bank else _WITHOUT_BANK.get(code, remedy)
