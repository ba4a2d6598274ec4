"""What the readers of all formats share."""


def line_count(block: bytes) -> int:
    """Lines of a block; the last may lack its end."""
    return block.count(b"\n") + (block != b"" and not block.endswith(b"\n"))
