"""Which word vectors: one's own, those of a shipped model, of a file."""

from sentiment_transfer.advice.vectors.choice import VectorCandidate, VectorChoice, choose_vectors

__all__ = ["VectorCandidate", "VectorChoice", "choose_vectors"]
