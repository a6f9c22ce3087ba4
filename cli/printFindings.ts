import { formatFinding, type Finding, type FindingSource } from "../policy/finding";
import type { CommandIO } from "./io";

/** Writes findings to standard error, each with its line of the source, in colours on a terminal. */
export function printFindings(
    findings: readonly Finding[],
    { file, text }: Omit<FindingSource, "colours">,
    io: CommandIO,
): void {
    const source = { file, text, colours: io.colours.stderr };
    io.stderr(findings.map((finding) => `${formatFinding(finding, source)}\n`).join(""));
}
