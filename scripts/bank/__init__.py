"""The classifiers without a label that ship inside the package."""
