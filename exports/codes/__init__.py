"""The codebook, every version of it."""
