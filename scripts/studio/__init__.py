"""Pictures of the studio."""
