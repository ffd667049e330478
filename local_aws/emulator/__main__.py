"""`python -m local_aws.emulator --port N`: serve the local AWS on the loopback address until the parent goes."""

import argparse
import logging
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress.server import create_server

from local_aws.child import leave_with_parent
from local_aws.emulator.corrections import corrected

THREADS = 16
LARGEST_BODY = 64 * 1024 * 1024


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="moto as it is, for comparison")
    parser.add_argument("--attached", action="store_true", help="end when standard input closes")
    given = parser.parse_args()
    logging.disable(logging.INFO)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    if given.attached:
        leave_with_parent()
    application = DomainDispatcherApplication(create_backend_app)
    server: Any = create_server(
        application if given.plain else corrected(application),
        host="127.0.0.1",
        port=given.port,
        threads=THREADS,
        max_request_body_size=LARGEST_BODY,
        ident=None,
    )
    print(server.effective_port, flush=True)
    server.run()


if __name__ == "__main__":
    main()
