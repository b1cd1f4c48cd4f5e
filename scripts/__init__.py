"""What measures the package, and what sets up a checkout; run as ``python -m scripts.NAME``."""
