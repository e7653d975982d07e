"""The platform on one machine: an emulated cloud, the API, the CDN and the triggers, started and stopped together.

`python -m tools.localcloud` is the supervisor. It owns five kinds of children, each a process of its own:

- `cloud`: ministack, the emulated AWS, with authentication enforced;
- `web`: the API, the CDN stand-in and the web client on one port;
- `dispatcher` and `errands`: from a queue to its function, one process for each concurrent execution;
- `follower`: from the tables' streams to the function that follows them;
- `scheduler`: the sweep, every few seconds.

Each but the first runs with the credentials of an identity that may do what its function may do on AWS, no more.
"""
