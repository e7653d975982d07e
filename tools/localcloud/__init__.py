"""The platform on one machine: an emulated cloud, the API, the CDN and the triggers, started and stopped together.

`python -m tools.localcloud` is the supervisor. It owns four kinds of children, each a process of its own:

- `cloud`: ministack, the emulated AWS, with authentication enforced;
- `web`: the API, the CDN stand-in and the web client on one port;
- `dispatcher`: from the upload queue to the protection function, one process for each concurrent execution;
- `scheduler`: the sweep, every few seconds.

Each of the last three runs with the credentials of an identity that may do what its function may do on AWS, no more.
"""
