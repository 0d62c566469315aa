"""`python cli.py doctor`: everything that a server stands on is looked at; each finding says what to do.

`finding` is what each gives; `machine` looks at disk, folder and secret, `database` at the database, its
clock and the backup, `outside` at what is asked over the network: the public address, the model's server.
"""
