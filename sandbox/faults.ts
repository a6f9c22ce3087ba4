import { load } from "./boot";
import { docker } from "./docker";
import { type SandboxNode } from "./node";
import { ensureFaultableApiServer, ensureLocal, genuineApiServer, type PodImage } from "./podImages";
import { silent, type Progress } from "./progress";

/**
 * How an API server fails that is started with `--audit-policy-file`: it ends with an error at once, or it stays
 * without serving.
 */
export type Fault = "exit" | "hang";

/** Read by the image's program; kubeadm mounts the directory into the pod. */
const FAULT_FILE = "/etc/kubernetes/pki/fault";

/**
 * Puts in the place of the API server's image one that is the genuine program until a fault is set. The running API
 * server is left alone; the next container, whatever starts it, has the new image.
 */
export async function installFaultyApiServer(node: SandboxNode, progress: Progress = silent): Promise<void> {
    await replaceImage(node, await ensureFaultableApiServer(progress));
}

/** The same for a host whose API server is a unit: its next start is of that program. */
export async function installFaultyUnit(node: SandboxNode): Promise<void> {
    await node.check(
        "mkdir -p /genuine; [ -e /genuine/kube-apiserver ] || cp -p /usr/local/bin/kube-apiserver /genuine/",
    );
    // The running program's file cannot be written to, but another one can get its name.
    await docker(["cp", await ensureLocal("faultable"), `${node.containerName}:/usr/local/bin/.faultable`]);
    await node.check("mv /usr/local/bin/.faultable /usr/local/bin/kube-apiserver");
}

/** Makes API servers fail that are started from now on with an audit policy; `undefined` makes them work again. */
export async function setFault(node: SandboxNode, fault: Fault | undefined): Promise<void> {
    await node.check(fault === undefined ? `rm -f ${FAULT_FILE}` : `echo ${fault} >${FAULT_FILE}`);
}

/** Puts the genuine image back and removes the fault. */
export async function restoreApiServer(node: SandboxNode): Promise<void> {
    await setFault(node, undefined);
    await replaceImage(node, genuineApiServer);
}

async function replaceImage(node: SandboxNode, image: PodImage): Promise<void> {
    await load(node, [image]);
    // The kubelet asks containerd for the name; containerd's answer follows the import a moment later.
    await node.check(`ctr -n k8s.io images check "name==${image.reference}" >/dev/null`);
}
