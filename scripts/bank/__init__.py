"""The classifiers that ship inside the package."""
