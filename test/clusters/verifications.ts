/** What `kube-audit verify` said, without what differs from run to run. */
export function settled(text: string): string {
    return text.replace(/\d+\.\d\d s/g, "N s").replace(/\(\d+ KiB free\)/g, "(N KiB free)");
}

/** What it says, once settled, of a host on whose log the event arrived. */
export function passed({ name, address }: { name: string; address: string }, client = "kubectl"): string {
    return `${name}  ok      Metadata after N s: GET /version through https://${address}:6443 (${client})\n`;
}
