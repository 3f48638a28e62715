"""Is the layer right? Checks that look and never edit; each gives findings that a data owner can act on."""
