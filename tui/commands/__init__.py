"""What the commands of the command line do, a module a theme; imported when called."""
