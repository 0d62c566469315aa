"""What lies beside the tables of an export: manifest, codebook, data package."""
