"""The network doctor: a peer examined step by step."""
