"""Work off the main thread: a queue of threads, and processes for bytes from outside."""
