import { randomBytes } from "node:crypto";
import { docker } from "./docker";

/** What opens every host of one sandbox; made anew for each sandbox. */
export interface Credentials {
    /** ed25519, OpenSSH format; opens root, ops and nosudo. */
    readonly privateKey: string;
    /** The same key, encrypted with {@link passphrase}. */
    readonly encryptedPrivateKey: string;
    readonly passphrase: string;
    /** As an authorized_keys line. */
    readonly publicKey: string;
    /** Opens ops and nosudo; root has a key only. */
    readonly password: string;
}

const SEPARATOR = "-- next --";

/** Makes a key pair with the host image's own ssh-keygen, so that the machine underneath needs none. */
export async function makeCredentials(image: string): Promise<Credentials> {
    const passphrase = randomBytes(12).toString("base64url");
    const script = [
        'read -r passphrase; cd "$(mktemp -d)"',
        "ssh-keygen -q -t ed25519 -N '' -C sandbox -f key",
        `cat key; echo '${SEPARATOR}'; cat key.pub; echo '${SEPARATOR}'`,
        'ssh-keygen -q -p -P "" -N "$passphrase" -f key >/dev/null; cat key',
    ].join("\n");
    const output = await docker(
        ["run", "--rm", "-i", "--network", "none", "--entrypoint", "sh", image, "-euc", script],
        {
            stdin: `${passphrase}\n`,
        },
    );
    const [privateKey = "", publicKey = "", encryptedPrivateKey = ""] = output.split(`${SEPARATOR}\n`);
    return {
        privateKey,
        publicKey: publicKey.trim(),
        encryptedPrivateKey: `${encryptedPrivateKey}\n`,
        passphrase,
        password: randomBytes(12).toString("base64url"),
    };
}

/**
 * The shell script that lets a sandbox's credentials into a host. It reads the public key, then the password, from
 * stdin: neither shows in a process list.
 */
export const AUTHORIZE = `
read -r key
read -r password
for user in root ops nosudo; do
    home=$(getent passwd "$user" | cut -d: -f6)
    printf '%s\\n' "$key" >"$home/.ssh/authorized_keys"
    chown "$user:$user" "$home/.ssh/authorized_keys"
    chmod 0600 "$home/.ssh/authorized_keys"
done
printf '%s\\n' "ops:$password" "nosudo:$password" | chpasswd
`;
