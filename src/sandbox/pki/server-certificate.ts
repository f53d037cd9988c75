/** The certificate of the sandbox's TLS servers on loopback. */
import * as x509 from "@peculiar/x509";
import {
  type CertificateAuthority,
  type IssuedCertificate,
  type Validity,
  distinguishedName,
  issue,
} from "./certificate-authority.ts";
import { generateKeyPair } from "./key-pair.ts";

/** Issues a server certificate for 127.0.0.1, ::1 and localhost only. */
export async function issueServerCertificate(
  issuer: CertificateAuthority,
  validity: Validity,
): Promise<IssuedCertificate> {
  const keyPair = await generateKeyPair("EC");
  const certificate = await issue({
    issuer,
    subject: distinguishedName("eks-x509 sandbox", "localhost"),
    keyPair,
    validity,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
    ],
  });
  return { certificate, privateKey: keyPair.privateKey };
}
