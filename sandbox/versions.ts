/** What the sandbox is made of, each pinned: a sandbox built today and one built in a year are the same. */
export const KUBERNETES = "v1.34.4";
/** kubeadm's own choice for {@link KUBERNETES}. */
export const ETCD = "v3.6.5";
/** The tags under which kubeadm and containerd look for the images. */
export const ETCD_IMAGE_TAG = "3.6.5-0";
export const PAUSE_IMAGE_TAG = "3.10.1";

export const PULUMI = "v3.230.0";
export const COMMAND_PLUGIN = "1.2.1";
