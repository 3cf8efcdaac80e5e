"""The kinds of jobs, one file each: a `Request`, and `run`, which calls one function of `service`.

The contract is in `web.jobs.kind`.
"""
