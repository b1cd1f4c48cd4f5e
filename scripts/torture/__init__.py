"""Reliability trials: kills, signals, full disks, threads, little memory."""
