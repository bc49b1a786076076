"""Peers: who they are, whether they answer, and our own door."""
