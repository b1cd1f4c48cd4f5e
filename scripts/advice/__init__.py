"""What validates the advice."""
