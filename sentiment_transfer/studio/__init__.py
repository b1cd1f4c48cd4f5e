"""The studio: a page on this machine to label, measure, try and hand over a model."""

from sentiment_transfer.studio.base_model import BaseModel
from sentiment_transfer.studio.project_file import ProjectFile
from sentiment_transfer.studio.run import run_studio
from sentiment_transfer.studio.session import Session

__all__ = ["BaseModel", "ProjectFile", "Session", "run_studio"]
