"""A mock OpenID Connect issuer on the loopback address, with the city's staff as its users.

`python -m local_aws.identity SUBJECT…` in a process of its own: its libraries and their warnings are none of ours.
"""

import logging
import sys
from collections.abc import Iterable
from typing import Any

from local_aws.child import Child, leave_with_parent, start_child


def start_identity(subjects: Iterable[str]) -> Child:
    """Start it; `url` is its issuer identifier."""
    return start_child("local_aws.identity", *subjects, quiet=True)


def main() -> None:
    """Serve until the parent goes."""
    import oidc_provider_mock
    from waitress.server import create_server

    leave_with_parent()
    logging.disable(logging.ERROR)
    users = [oidc_provider_mock.User(sub=subject) for subject in sys.argv[1:]]
    application = oidc_provider_mock.app(require_client_registration=False, user_claims=users)
    server: Any = create_server(application, host="127.0.0.1", port=0, threads=4, ident=None)
    print(server.effective_port, flush=True)
    server.run()


if __name__ == "__main__":
    main()
