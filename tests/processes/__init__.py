"""Real processes of sendspec: killed at a chosen system call, and compared with the vendor afterwards."""
