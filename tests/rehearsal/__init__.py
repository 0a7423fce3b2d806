"""A rehearsal of the workflows by `act`, a runner of others, without Docker and without a network.

`act` runs the callers of a repository, the reusable workflows and the action as they are in this tree. The
repository is a bare one behind a git server on loopback, the vendor is a sandbox, and GitHub's API a server
of `tests/github_api`. `act` ignores environments, concurrency and permissions.
"""
