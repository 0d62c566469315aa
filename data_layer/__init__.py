"""What is kept: schema, writer, queries, and Chainlit's data layer over them."""
