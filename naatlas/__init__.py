"""naatlas: harmonized, seamless, documented map layers of the North American Environmental Atlas."""

__version__ = "0.1.0"
