"""What the tables of an export are made of: columns with their expressions, and which rows there are."""
