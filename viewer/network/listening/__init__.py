"""Our own door: the storage SCP in a process of its own, and what is fetched through it."""
