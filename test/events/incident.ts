import { join } from "node:path";

/** The logs of three control-plane hosts from 09:00 to 10:00 on 2 March 2026, one of them rotated. */
export const incident = join(__dirname, "fixtures", "incident");

/** The same, one source for each host. */
export const incidentFiles = [
    "cp-1/audit-2026-03-02T09-30-00.000.log",
    "cp-1/audit.log",
    "cp-2/audit.log",
    "cp-3/audit.log",
].map((path) => join(incident, path));
