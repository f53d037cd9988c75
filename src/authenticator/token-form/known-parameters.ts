/** The parameters that the verifier takes, in lower case. aws-iam-authenticator, pkg/token, parameterWhitelist. */
export const knownNames: ReadonlySet<string> = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);
