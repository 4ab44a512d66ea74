"""The terminal side of eventdesk: the command line and the reviewer."""
