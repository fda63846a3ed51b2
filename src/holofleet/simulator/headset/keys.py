"""Keys for simulated headsets: many distinct RSA keys from few primes.

A real headset makes an RSA key for each enrollment, and a server may refuse a key that it has seen. Making one
takes 45 ms here, which for thousands of headsets is minutes. So a pool makes a few dozen primes and pairs them:
n primes give n * (n - 1) / 2 distinct moduli. Two such keys share a factor and anybody who sees both can break
both: good enough for headsets that do not exist, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from cryptography.hazmat.primitives.asymmetric import rsa

EXPONENT = 65537


class KeyPool:
    """Hands out RSA keys, each modulus once. Safe to use from several threads."""

    def __init__(self, *, bits: int = 2048) -> None:
        self._bits = bits
        self._primes: list[int] = []
        self._pairs = self._walk()
        self._lock = Lock()

    def take(self) -> rsa.RSAPrivateKey:
        """Return a key that this pool never returned before."""
        with self._lock:
            p, q = next(self._pairs)
        return _key_of(p, q)

    def _walk(self) -> Iterator[tuple[int, int]]:
        newest = 1
        while True:
            while len(self._primes) <= newest:
                self._primes.extend(_two_primes(self._bits))
            for older in range(newest):
                yield self._primes[newest], self._primes[older]
            newest += 1


def _two_primes(bits: int) -> tuple[int, int]:
    numbers = rsa.generate_private_key(public_exponent=EXPONENT, key_size=bits).private_numbers()
    return numbers.p, numbers.q


def _key_of(p: int, q: int) -> rsa.RSAPrivateKey:
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    )
    # The primes come from a generated key: checking them again would cost more than making them.
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
