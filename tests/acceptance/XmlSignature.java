import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import javax.xml.crypto.dom.DOMStructure;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLObject;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Signed XML by an implementation that shares no code with the gateway: verifies each ours-*.xml of a folder, and signs
 * document.xml with metadata.xml into theirs-1.xml and so on, in three canonical forms.
 */
public final class XmlSignature {
    private static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");
    private static final String XADES = "http://uri.etsi.org/01903/v1.3.2#";
    private static final String[] FORMS = {
        CanonicalizationMethod.EXCLUSIVE, "http://www.w3.org/2006/12/xml-c14n11", CanonicalizationMethod.INCLUSIVE
    };

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        try (var files = Files.newDirectoryStream(folder, "ours-*.xml")) {
            for (Path file : files) {
                System.out.println(file.getFileName() + " " + verified(file, folder));
            }
        }
        for (int number = 0; number < FORMS.length; number++) {
            sign(folder, FORMS[number], folder.resolve("theirs-" + (number + 1) + ".xml"));
        }
    }

    private static Document read(Path file) throws Exception {
        DocumentBuilderFactory documents = DocumentBuilderFactory.newInstance();
        documents.setNamespaceAware(true);
        return documents.newDocumentBuilder().parse(file.toFile());
    }

    private static String verified(Path file, Path folder) throws Exception {
        Document document = read(file);
        String kind = file.getFileName().toString().contains("PS256") ? "RSA" : "EC";
        byte[] key = Files.readAllBytes(folder.resolve(kind + ".spki"));
        PublicKey registered = KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(key));
        NodeList properties = document.getElementsByTagNameNS(XADES, "SignedProperties");
        for (int number = 0; number < properties.getLength(); number++) {
            ((Element) properties.item(number)).setIdAttribute("Id", true);
        }
        NodeList signatures = document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
        DOMValidateContext context = new DOMValidateContext(registered, signatures.item(0));
        context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
        XMLSignature signature = FACTORY.unmarshalXMLSignature(context);
        return signature.validate(context) + " " + signature.getSignedInfo().getReferences().size();
    }

    private static void sign(Path folder, String form, Path target) throws Exception {
        byte[] key = Files.readAllBytes(folder.resolve("EC.p8"));
        PrivateKey own = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
        Document document = read(folder.resolve("document.xml"));
        Element metadata = read(folder.resolve("metadata.xml")).getDocumentElement();
        DOMStructure held = new DOMStructure(document.importNode(metadata, true));
        XMLObject object = FACTORY.newXMLObject(List.of(held), "meta-1", null, null);
        DigestMethod digest = FACTORY.newDigestMethod(DigestMethod.SHA256, null);
        Transform cut = FACTORY.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null);
        Transform canonical = FACTORY.newTransform(form, (TransformParameterSpec) null);
        Reference whole = FACTORY.newReference("", digest, List.of(cut, canonical), null, null);
        List<Transform> own10 = form.equals(CanonicalizationMethod.INCLUSIVE) ? null : List.of(canonical);
        Reference toMetadata = FACTORY.newReference("#meta-1", digest, own10, null, null);
        SignedInfo info = FACTORY.newSignedInfo(
            FACTORY.newCanonicalizationMethod(form, (C14NMethodParameterSpec) null),
            FACTORY.newSignatureMethod("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", null),
            List.of(whole, toMetadata));
        DOMSignContext context = new DOMSignContext(own, document.getDocumentElement());
        context.setDefaultNamespacePrefix("ds");
        FACTORY.newXMLSignature(info, null, List.of(object), null, null).sign(context);
        StreamResult result = new StreamResult(new File(target.toString()));
        TransformerFactory.newInstance().newTransformer().transform(new DOMSource(document), result);
    }
}
