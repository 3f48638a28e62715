"""Rasters of the atlas: aligned to its grids, counted by class, compared over the years; all by windows."""
