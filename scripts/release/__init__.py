"""What is done before a release: archives, empty environments to try them in, and promises."""
