/** Where things are on a control-plane host. Everything that is written there is one of these, or below one of these. */

/** The API server's static-pod manifest, as kubeadm writes it. */
export const MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/** The directory that is mounted read-only into the API server and holds nothing but policy files. */
export const POLICY_DIRECTORY = "/etc/kubernetes/audit";

/** What outlives a reboot: the receipt, the applied policy's copy, the journal of a running transaction. */
export const STATE_DIRECTORY = "/var/lib/kube-apiserver-audit";

/** What was last applied, and by whom. */
export const RECEIPT = `${STATE_DIRECTORY}/receipt.json`;

/** The policy as applied, to show what somebody changed in the one in use. */
export const APPLIED_POLICY = `${STATE_DIRECTORY}/policy.yaml`;
