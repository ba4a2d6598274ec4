"""Foreign files are read here, in processes that can do nothing else.

`pool.Pool` is the daemon's side (with `process` and `channel`), `child` the other (with `sandbox`,
`seccomp`, `landlock`, `preload`); they share `wire` and nothing more.
"""
