"""What the forms of an envelope cost: JWS, XMLDSig and XAdES, each inside a JWE, on one document.

Milliseconds, the median of several runs, in one thread; the ratio is to the JWS form of the same document. The document
has an element for each 15 characters, as customs messages have: verification works on elements.
"""

from __future__ import annotations

from benchmarks.envelope import METADATA, NOW, median_ms
from gateway.security.filekeys import FileSigner, file_decrypter
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.xml_certificates import SelfSigned
from gateway.security.xml_envelope import FormOpener, seal_in_form
from gateway.security.xml_form import EnvelopeForm

SIZES = {"10 KB": (660, 60), "1 MB": (66_000, 5)}
FORMS = (EnvelopeForm.JOSE, EnvelopeForm.XMLDSIG, EnvelopeForm.XADES)


def main() -> None:
    """Print a line for each size and form."""
    active = Lifecycle.active_from(NOW)
    sender, recipient = generate_key("xx", "ES256", NOW), generate_key("aa", "ECDH-ES+A256KW", NOW)
    registered = RegisteredKey(sender.public, "xx", active)
    decrypter = file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", active))
    signer, certificates = FileSigner(sender.private, sender.public), SelfSigned(lambda: [registered])
    for name, (elements, runs) in SIZES.items():
        content = b"<a>" + b"<b>12345678</b>" * elements + b"</a>"
        first = (0.0, 0.0)
        for form in FORMS:

            def sealing(form: EnvelopeForm = form, content: bytes = content) -> bytes:
                return seal_in_form(form, content, METADATA, signer, recipient.public, certificate=certificates.of).jwe

            opener = FormOpener(
                form_of=lambda _, form=form: form,  # type: ignore[misc]
                decrypters=[decrypter],
                lookup_key=lambda _: registered,
                recipient="aa",
            )
            sealed = sealing()
            spent = median_ms(sealing, runs), median_ms(lambda: opener.open(sealed, NOW), runs)  # noqa: B023 - now
            first = spent if form is EnvelopeForm.JOSE else first
            print(
                f"  {name:>6} {form.name.lower():8} seal {spent[0]:8.2f} ms x{spent[0] / first[0]:5.1f}   "
                f"open {spent[1]:8.2f} ms x{spent[1] / first[1]:5.1f}   {len(sealed):>9,} bytes sealed"
            )


if __name__ == "__main__":
    main()
