"""Private keys that stay in a hardware module: `Signer` and `Decrypter` over a PKCS#11 token.

Keys are on P-256, made inside the token, neither extractable nor readable; the token signs (ECDSA) and agrees on keys
(ECDH), and what needs no private key happens here: hashing, the key derivation of RFC 7518 section 4.6 and the content
encryption. A key is found by its id, which is its label in the token.

The Python binding is an optional package (``pip install 'sarhad[hardware]'``); without it nothing here can be used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, Self, TypeVar

from joserfc.errors import InvalidExchangeKeyError
from joserfc.jwk import ECKey

from gateway.errors import DataFolderError, TemporaryFailure
from gateway.security.filekeys import JoseDecrypter
from gateway.security.generation import use_of
from gateway.security.jose import encode
from gateway.security.keys import PublicKey, RegisteredKey, import_public_key
from gateway.security.policy import KeyRefused

try:
    import pkcs11
    from pkcs11.util.ec import encode_named_curve_parameters
except ImportError:  # the optional package
    pkcs11 = None  # type: ignore[assignment, unused-ignore]

ALGORITHMS = ("ES256", "ECDH-ES+A256KW")
"""What keys in a token are made for."""

_P256_OID = "1.2.840.10045.3.1.7"
_COORDINATE_BYTES = 32
_POINT_BYTES = 1 + 2 * _COORDINATE_BYTES
_UNCOMPRESSED = b"\x04"
_OCTET_STRING = 0x04
_SECRET_BITS = 256

Result = TypeVar("Result")


class HardwareToken:
    """A PKCS#11 token whose private keys are ours; one call at a time, and one new session when the old one has died.

    Args:
        module: shared library of the module's maker.
        label: of the token.
        pin: of its user.

    Raises:
        DataFolderError: no such library or token, a wrong PIN, or the Python binding is not installed.
    """

    def __init__(self, module: Path, label: str, pin: str) -> None:
        self._where = f"{module} token {label}"
        self._lock = Lock()
        if pkcs11 is None:
            raise DataFolderError(
                "keys in a hardware module need the package python-pkcs11",
                path="pkcs11_module",
                remedy="pip install 'sarhad[hardware]'",
                code="key.no-binding",
            )
        try:
            library = pkcs11.lib(str(module))
            self._open: Callable[[], Any] = lambda: _open_session(library.get_token(token_label=label), pin)
            self._session = self._open()
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise DataFolderError(
                f"the hardware module cannot be opened ({type(error).__name__})",
                path=self._where,
                remedy="look at pkcs11_module, pkcs11_token and the PIN file",
                code="key.module",
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out."""
        with self._lock:
            self._session.close()

    def make(self, kid: str, algorithm: str) -> PublicKey:
        """Make a key pair inside the token.

        Args:
            kid: id of the key, and its label; a used one is never used again.
            algorithm: one of `ALGORITHMS`.

        Raises:
            KeyRefused: another algorithm, or there is a key of this id.
            TemporaryFailure: ``key.module-unavailable``.
        """
        if algorithm not in ALGORITHMS:
            raise KeyRefused("No key of that algorithm is made in a token.", path="alg", code="key.algorithm")
        if self._calls(lambda session: list(session.get_objects({pkcs11.Attribute.LABEL: kid}))):
            raise KeyRefused("The token has a key of this id.", path="kid", code="key.id")
        self._calls(lambda session: _generate(session, kid, signs=use_of(algorithm) == "sig"))
        return self.public_key(kid, algorithm)

    def labels(self) -> set[str]:
        """Labels of all private keys in the token."""
        wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}
        return self._calls(lambda session: {str(key.label) for key in session.get_objects(wanted)})

    def public_key(self, kid: str, algorithm: str) -> PublicKey:
        """The public half of a key of this token, under the key policy.

        Raises:
            DataFolderError: ``key.missing``: the token holds no such key.
        """
        point = self._calls(lambda session: bytes(_found(session, kid, "PUBLIC_KEY")[pkcs11.Attribute.EC_POINT]))
        coordinates = _raw_point(point)[1:]
        x, y = (encode(half) for half in (coordinates[:_COORDINATE_BYTES], coordinates[_COORDINATE_BYTES:]))
        named = {"kid": kid, "use": use_of(algorithm), "alg": algorithm}
        return import_public_key({"kty": "EC", "crv": "P-256", "x": x, "y": y, **named})

    def signer(self, public: PublicKey) -> HardwareSigner:
        """What signs with a key of this token; see `check` for what is refused."""
        self.check(public, "sig")
        return HardwareSigner(self, public)

    def decrypter(self, registered: RegisteredKey) -> JoseDecrypter:
        """What decrypts with a key of this token; see `check` for what is refused."""
        self.check(registered.key, "enc")
        return JoseDecrypter(registered, _agreeing_key(self, registered.key))

    def check(self, public: PublicKey, use: str) -> None:
        """Compare a registered key with the one of its id in the token.

        Raises:
            DataFolderError: ``key.missing``.
            KeyRefused: it is for another use, or another key.
        """
        if public.use != use:
            raise KeyRefused(f"The key is not registered for use {use}.", path="use", code="key.use")
        if self.public_key(public.kid, public.alg).jwk != public.jwk:
            raise KeyRefused("The key in the token is not the registered one.", path="kid", code="key.pair")

    def ecdsa(self, kid: str, digest: bytes) -> bytes:
        """R || s of a digest (RFC 7518 section 3.4)."""
        return self._calls(
            lambda session: bytes(_found(session, kid, "PRIVATE_KEY").sign(digest, mechanism=pkcs11.Mechanism.ECDSA))
        )

    def agree(self, kid: str, point: bytes) -> bytes:
        """The shared secret Z of our key and a public point (RFC 7518 section 4.6); Z leaves the token, no key does."""
        return self._calls(lambda session: _derive(_found(session, kid, "PRIVATE_KEY"), point))

    def _calls(self, call: Callable[[Any], Result]) -> Result:
        """A call of the token; once more in a new session when the session has died (module restarted, unplugged)."""
        with self._lock:
            try:
                return call(self._session)
            except pkcs11.PKCS11Error:
                pass
            try:
                self._session = self._open()
                return call(self._session)
            except pkcs11.PKCS11Error as error:
                raise TemporaryFailure(
                    f"the hardware module does not do what it is asked for ({type(error).__name__})",
                    path=self._where,
                    remedy="look after the module; the same call may succeed later",
                    code="key.module-unavailable",
                ) from None


class HardwareSigner:
    """Signs with one key of a token.

    Args:
        token: holds the private key.
        public: its registered public half.
    """

    def __init__(self, token: HardwareToken, public: PublicKey) -> None:
        self._token = token
        self.kid = public.kid
        self.alg = public.alg

    def sign(self, data: bytes) -> bytes:
        """The JWS signature of ``data``."""
        return self._token.ecdsa(self.kid, hashlib.sha256(data).digest())


def _agreeing_key(token: HardwareToken, public: PublicKey) -> ECKey:
    """A key as joserfc knows it: public, but for the one operation that the token does."""

    class AgreeingKey(ECKey):
        def exchange_derive_key(self, key: ECKey) -> bytes:
            if key.curve_name != self.curve_name:
                raise InvalidExchangeKeyError
            numbers = key.public_key.public_numbers()
            point = _UNCOMPRESSED + numbers.x.to_bytes(_COORDINATE_BYTES) + numbers.y.to_bytes(_COORDINATE_BYTES)
            return token.agree(public.kid, point)

    return AgreeingKey.import_key(dict(public.jwk))


def _open_session(token: Any, pin: str) -> Any:
    """A session of the user; the log-in is one of the process, and may outlive the session that made it."""
    try:
        return token.open(rw=True, user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open(rw=True)


def _generate(session: Any, kid: str, *, signs: bool) -> None:
    """A key pair of one use that never leaves the token."""
    attribute = pkcs11.Attribute
    domain = session.create_domain_parameters(
        pkcs11.KeyType.EC, {attribute.EC_PARAMS: encode_named_curve_parameters(_P256_OID)}, local=True
    )
    use = attribute.SIGN if signs else attribute.DERIVE
    others = {attribute.SIGN, attribute.DERIVE, attribute.DECRYPT, attribute.UNWRAP} - {use}
    secret = {attribute.SENSITIVE: True, attribute.EXTRACTABLE: False, use: True, **dict.fromkeys(others, False)}
    domain.generate_keypair(
        id=kid.encode("ascii"),
        label=kid,
        store=True,
        capabilities=pkcs11.MechanismFlag.SIGN | pkcs11.MechanismFlag.VERIFY if signs else pkcs11.MechanismFlag.DERIVE,
        private_template=secret,
    )


def _found(session: Any, kid: str, kind: str) -> Any:
    """The key object of an id; raises DataFolderError when the token has none."""
    wanted = {pkcs11.Attribute.LABEL: kid, pkcs11.Attribute.CLASS: pkcs11.ObjectClass[kind]}
    found = list(session.get_objects(wanted))  # a search is to be run to its end
    if not found:
        raise DataFolderError(
            "the token holds no such key",
            path=kid,
            remedy="name the token in which the key was made",
            code="key.missing",
        )
    return found[0]


def _derive(private: Any, point: bytes) -> bytes:
    attribute = pkcs11.Attribute
    secret = private.derive_key(
        pkcs11.KeyType.GENERIC_SECRET,
        _SECRET_BITS,
        mechanism_param=(pkcs11.KDF.NULL, None, point),
        store=False,
        template={attribute.SENSITIVE: False, attribute.EXTRACTABLE: True},
    )
    try:
        return bytes(secret[attribute.VALUE])
    finally:
        secret.destroy()


def _raw_point(encoded: bytes) -> bytes:
    """An uncompressed point; modules give it bare or, as the standard says, in a DER OCTET STRING."""
    if len(encoded) == _POINT_BYTES + 2 and encoded[0] == _OCTET_STRING and encoded[1] == _POINT_BYTES:
        encoded = encoded[2:]
    if len(encoded) != _POINT_BYTES or not encoded.startswith(_UNCOMPRESSED):
        raise KeyRefused("The token does not give the point of a key on P-256.", code="key.numbers")
    return encoded
