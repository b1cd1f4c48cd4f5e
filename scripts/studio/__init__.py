"""Pictures of the studio, and measurements of it."""
