"""What the layers of the pollutant registers share: files, substances, media, sectors and the long table."""
