"""The pages of a study's protocol: drawn by the server, and whole without a script."""
