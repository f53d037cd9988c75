/** The Kubernetes version whose behaviour the embedded API follows. The suffix marks it as an emulation. */
export const version = {
  major: "1",
  minor: "34+",
  gitVersion: "v1.34.4-eks-x509-sandbox",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "none",
  platform: "loopback",
};
