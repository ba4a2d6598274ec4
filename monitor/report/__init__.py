"""Reports of closed periods: read from the record, written as files, signed, handed on.

Nothing here computes a figure. What a closing holds (monitor/measure/closing/) becomes a `Report`
(`model`), the same for every format; writers only lay it out.
"""
