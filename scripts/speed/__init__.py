"""Time and memory of everything a user waits for, beside other packages."""
