"""What of people is kept, how long, and under which key (docs/privacy.md).

Rotation of the sealing key, retention, erasure, and the showing of what is sealed.
"""
