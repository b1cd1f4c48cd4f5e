"""A language file to edit by hand, drafted from unlabelled texts and a few seed words."""

from sentiment_transfer.advice.drafting.draft import Draft, draft_language
from sentiment_transfer.advice.drafting.evidence import Proposal

__all__ = ["Draft", "Proposal", "draft_language"]
