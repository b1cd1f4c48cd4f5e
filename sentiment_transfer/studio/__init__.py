"""The studio: a page on this machine to label, measure, try and hand over a model."""
