/** EKS_X509_TESTS=all, as in CI: every version, every form. The ordinary run takes a part of them, and stays below five minutes. */
export const isThorough = process.env["EKS_X509_TESTS"] === "all";
