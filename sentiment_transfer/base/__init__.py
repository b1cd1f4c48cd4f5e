"""What every room stands on: the estimator contract, settings, atomic writes, progress."""
