"""The geometry engine: plain functions on shapely arrays, in the CRS of the framework; no files."""
