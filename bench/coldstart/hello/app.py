"""The least that a Chalice application can be: what the framework alone costs."""

from chalice.app import Chalice

app = Chalice(app_name="hello")


@app.route("/v1/health")
def health() -> dict[str, str]:
    """Answer without asking anything else."""
    return {"status": "ok"}
