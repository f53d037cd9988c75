/** How etcd is started: for one API server on one machine, and for no longer than the sandbox. */

/** Sockets in the folder that both programs run in, which is the user's alone: no port, no TLS. Their paths stay short. */
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
  // What it holds need not outlive a loss of power.
  "--unsafe-no-fsync",
  "--log-level=warn",
];
