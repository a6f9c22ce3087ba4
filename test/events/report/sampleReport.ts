import { collectReport, type Report, type ReportOptions } from "../../../events/report/collect";
import { renderReport } from "../../../events/report/page";
import type { LocatedEvent } from "../../../events/readEvents";
import type { Policy } from "../../../policy/types";
import { sampleLog } from "../sampleLog";

/** A policy with a rule that decides about nothing, and one that wants bodies. */
export const samplePolicy: Policy = {
    omitStages: ["RequestReceived"],
    rules: [
        { level: "None", nonResourceURLs: ["/readyz"] },
        { level: "Metadata", resources: [{ resources: ["secrets"] }] },
        { level: "None", users: ["nobody"] },
        { level: "Request" },
    ],
};

const rotation = { maxSize: 100, maxBackup: 10, maxAge: 30, compress: false };

/** What the hour of the sample log says. */
export function collectSample(options: Partial<ReportOptions> = {}): Promise<Report> {
    return collectReport(sampleEvents(), { rotation, policy: samplePolicy, ...options });
}

/** The page about it. */
export async function sampleReport(): Promise<string> {
    const origin = { sources: ["cp-1/audit.log"], policy: "policy.yaml", damaged: 2 };
    return renderReport(await collectSample(), origin);
}

async function* sampleEvents(): AsyncGenerator<LocatedEvent> {
    const source = { name: "cp-1/audit.log", files: ["cp-1/audit.log"] };
    for (const [index, event] of sampleLog({ rules: [{ level: "Metadata" }] }).entries()) {
        yield await Promise.resolve({ event, source, place: { file: source.name, line: index + 1 } });
    }
}
