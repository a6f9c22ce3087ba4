/** A system call's error in a few words. */
export function reasonOf(error: unknown): string {
    const { code, message } = error as NodeJS.ErrnoException;
    switch (code) {
        case "ENOENT":
            return "no such file";
        case "EACCES":
            return "permission denied";
        case "EISDIR":
            return "it is a directory";
        default:
            return message;
    }
}
