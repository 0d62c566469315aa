"""When participants' pages were connected."""
