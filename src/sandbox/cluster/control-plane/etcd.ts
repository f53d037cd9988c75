/** The command line of etcd: for one API server on one machine, as long as the sandbox runs. */

/** Sockets in the private folder that both programs run in: no port, no TLS. Their paths are short enough for a socket. */
export const clientAddress = "unix://etcd:2379";
const peerAddress = "unix://etcd:2380";

export const etcdFlags: readonly string[] = [
  "--name=sandbox",
  "--data-dir=etcd-data",
  `--listen-client-urls=${clientAddress}`,
  `--advertise-client-urls=${clientAddress}`,
  `--listen-peer-urls=${peerAddress}`,
  `--initial-advertise-peer-urls=${peerAddress}`,
  `--initial-cluster=sandbox=${peerAddress}`,
  // The data need not survive a power loss.
  "--unsafe-no-fsync",
  "--log-level=warn",
];
