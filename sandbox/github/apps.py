"""GitHub Apps: one App that is installed everywhere, the check of what it signs, and tokens that run out.

docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app: a JWT of at most ten minutes, signed with
the App's private key (RS256), brings a token of its installation for an hour.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache
from typing import Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.exchange import Request, Response, as_json
from sandbox.project import iso

APP: Final = "4711"
INSTALLATION: Final = 815
LIFETIME: Final = 3_600  # seconds of a token of an installation
LONGEST: Final = 600 + 60  # seconds of a JWT, from a minute ago on
PREFIX: Final = "ghs_installation_"
_INSTALLED: Final = re.compile(r"/repos/[^/]+/[^/]+/installation")
_TOKENS: Final = f"/app/installations/{INSTALLATION}/access_tokens"


def new_key() -> rsa.RSAPrivateKey:
    """A private key that nobody else has."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@lru_cache(maxsize=1)
def _key() -> rsa.RSAPrivateKey:
    return new_key()


def private_key(key: rsa.RSAPrivateKey | None = None) -> str:
    """The App's private key (PEM), as its owner would download it; another one in each process. Or any key so."""
    encoding, shape = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    return (key or _key()).private_bytes(encoding, shape, serialization.NoEncryption()).decode()


class Apps:
    """The App's installation and the tokens that it has been given."""

    def __init__(self, lifetime: int = LIFETIME) -> None:
        self.lifetime = lifetime
        self.given: dict[str, float] = {}  # token → Unix time at which it runs out

    def answer(self, request: Request) -> Response | None:
        """The answer to what an App asks; None about anything else."""
        if _INSTALLED.fullmatch(request.path) is None and request.path != _TOKENS:
            return None
        if not _signed(request.headers.get("authorization", "").rpartition(" ")[2]):
            return as_json({"message": "A JSON web token could not be decoded", "status": "401"}, 401)
        if request.path == _TOKENS:
            return self._token() if request.method == "POST" else None
        where = f"{request.address}/app/installations/{INSTALLATION}"
        return as_json({"id": INSTALLATION, "app_id": int(APP), "access_tokens_url": f"{where}/access_tokens"})

    def _token(self) -> Response:
        token, end = f"{PREFIX}{len(self.given) + 1}", time.time() + self.lifetime
        self.given[token] = end
        return as_json({"token": token, "expires_at": iso(int(end)), "permissions": {"metadata": "read"}}, 201)

    def refuses(self, token: str) -> bool:
        """Whether a token is one of an installation that has run out, or was never given."""
        return token.startswith(PREFIX) and self.given.get(token, 0.0) <= time.time()


def _signed(token: str) -> bool:
    """Whether the App signed it, for a time that is allowed."""
    try:
        said = jwt.decode(token, _key().public_key(), algorithms=["RS256"], options={"require": ["iat", "exp", "iss"]})
    except jwt.PyJWTError:
        return False
    return str(said["iss"]) == APP and said["exp"] - said["iat"] <= LONGEST
