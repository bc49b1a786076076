"""Fetching until what a peer lists is here, and sending."""
