"""Work on many machines: an executor that runs its calls on Dask."""

from sentiment_transfer.cluster.connecting import connect
from sentiment_transfer.cluster.dask_executor import DaskExecutor

__all__ = ["DaskExecutor", "connect"]
