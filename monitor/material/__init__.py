"""Trust material from the operator's folders: read in the parent, sent to children as bytes."""

from monitor.material.loading import Loaded, Problem, TrustFolders, anchors, ders, load
from monitor.material.reading import What

__all__ = ["Loaded", "Problem", "TrustFolders", "What", "anchors", "ders", "load"]
