"""A mock OpenID Connect issuer on the loopback address, with the city's staff as its users."""

import logging
import threading
import warnings
from collections.abc import Iterable
from typing import Any


class IdentityProvider:
    """Runs `oidc-provider-mock`; `url` is its issuer identifier."""

    def __init__(self, subjects: Iterable[str], port: int = 0) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import oidc_provider_mock
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        logging.getLogger("oidc_provider_mock").setLevel(logging.ERROR)
        users = [oidc_provider_mock.User(sub=subject) for subject in subjects]
        application = oidc_provider_mock.app(require_client_registration=False, user_claims=users)
        from waitress.server import create_server

        server: Any = create_server(application, host="127.0.0.1", port=port, threads=4, ident=None)
        self._server, self.url = server, f"http://127.0.0.1:{server.effective_port}"

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._server.run, daemon=True).start()

    def stop(self) -> None:
        """End serving."""
        self._server.close()
