"""Who may use the page. On loopback anybody at this machine; on an open bind, who knows the password.

Host allow-list       against DNS rebinding: a page from elsewhere cannot reach us under its own name
Origin check          against requests and sockets from another site's page
session cookie        HttpOnly, SameSite=Strict, signed; the key comes from the password, so that a restarted control
                      process keeps everyone logged in and a changed password logs everyone out
scrypt, rate limit    a password cannot be tried at speed
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections import deque
from collections.abc import Iterable
from urllib.parse import urlsplit

from facade.core.clock import Clock

ANY_ADDRESS = "any-address"
"""In allowed_hosts: every literal IP address is welcome. Rebinding needs a name, so numbers are safe to allow."""

COOKIE = "facade_session"
SESSION_S = 7 * 24 * 3600
MAX_PASSWORD_CHARS = 256
TRIES = 5
TRIES_ALL = 30
TRY_WINDOW_S = 60.0

# OWASP's 2023 floor for scrypt is n=2**17, r=8; 2**15 keeps a login under 0.1 s and 32 MiB on a small controller,
# and the rate limit makes up for the rest.
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1
_SALT = b"media-facade page session 1"


def split_host(host: str) -> str:
    """Return the name or address of a Host header, lower case, without port and brackets; "" if it is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return "" if parts.path or parts.query or parts.fragment or parts.username is not None else name


class HostRules:
    """Which Host and Origin headers are welcome. allowed: names, addresses, and ANY_ADDRESS."""

    def __init__(self, allowed: Iterable[str]) -> None:
        names = {name.strip("[]").lower() for name in allowed}
        self._any_address = ANY_ADDRESS in names
        self._names = frozenset(names - {ANY_ADDRESS})

    def host_is_welcome(self, host: str) -> bool:
        name = split_host(host)
        if name in self._names:
            return bool(name)
        return self._any_address and _is_address(name)

    def origin_is_welcome(self, origin: str | None, *, host: str) -> bool:
        """None is welcome: a browser always sends an Origin with a socket and with a request that changes something."""
        if origin is None:
            return True
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


class Sessions:
    """Password and session cookies. password None: everybody is let in."""

    def __init__(self, password: str | None, clock: Clock) -> None:
        self._clock = clock
        self._key = None if password is None else _derive(password)

    @property
    def needed(self) -> bool:
        return self._key is not None

    def check(self, candidate: str) -> bool:
        """Whether candidate is the password. Takes about 0.1 s on purpose: call it off the event loop."""
        if self._key is None:
            return True
        return hmac.compare_digest(_derive(candidate[:MAX_PASSWORD_CHARS]), self._key)

    def cookie(self) -> str:
        """Return the value of a fresh session cookie."""
        until = str(int(self._clock.wall().timestamp()) + SESSION_S)
        return f"{until}.{self._sign(until)}"

    def is_open(self, cookie: str | None) -> bool:
        """Whether a request with this cookie value may pass."""
        if self._key is None:
            return True
        until, _, signature = (cookie or "").partition(".")
        if not until.isascii() or not until.isdigit() or len(until) > 12 or not signature.isascii():
            return False
        genuine = hmac.compare_digest(signature, self._sign(until))
        return genuine and int(until) > self._clock.wall().timestamp()

    def _sign(self, until: str) -> str:
        return hmac.new(self._key or b"", until.encode(), hashlib.sha256).hexdigest()


class TryLimit:
    """At most TRIES wrong passwords a minute from one address and TRIES_ALL from all of them together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: deque[tuple[float, str]] = deque()

    def may_try(self, who: str) -> bool:
        """Count one try by who, an address; false when there were too many."""
        now = self._clock.now()
        while self._tries and self._tries[0][0] <= now - TRY_WINDOW_S:
            self._tries.popleft()
        mine = sum(1 for _, address in self._tries if address == who)
        if mine >= TRIES or len(self._tries) >= TRIES_ALL:
            return False
        self._tries.append((now, who))
        return True

    def forgive(self, who: str) -> None:
        """Forget the tries of who, after the right password."""
        self._tries = deque((at, address) for at, address in self._tries if address != who)


def _derive(password: str) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=_SALT, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P, maxmem=64 * 1024 * 1024, dklen=32
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
