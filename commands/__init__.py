"""Commands of cli.py that have subcommands, a module a noun. Never imports chainlit, as cli.py does not."""
