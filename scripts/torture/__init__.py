"""What was tried to break the package, and how often: kills, full disks, threads, memory."""
