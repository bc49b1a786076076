"""Named benchmarks: each compares this program with a peer or a limit, in the same run."""
