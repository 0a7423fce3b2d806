"""Real processes of sendspec, ended at a chosen system call, and what the vendor counts afterwards."""
