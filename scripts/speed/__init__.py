"""Time and memory of what a user waits for, compared with other packages."""
