import * as pulumi from "@pulumi/pulumi";
import type { Assessment } from "../host/assess";
import { describeChange } from "../host/policyChange";
import type { Wish } from "../host/wish";

/** What decides how much is told. */
export interface Audience {
    /** How many hosts the program has. */
    readonly hosts: number;
    /** Whether changed lines may be shown: not where the policy that they are of is a secret. */
    readonly showDiffs: boolean;
}

/** Tells what was found on a host, and whether its API server will be restarted: nobody should learn that from an outage. */
export async function describeAssessment(
    component: pulumi.Resource,
    host: string,
    { drifts, restarts, warnings = [], isUnit }: Assessment,
    { hosts, showDiffs }: Audience,
): Promise<void> {
    for (const { file, message, diff } of drifts) {
        await pulumi.log.warn(
            `${host}: ${file}: ${message}.${diff === undefined || !showDiffs ? "" : `\n${diff}`}`,
            component,
        );
    }
    for (const warning of warnings) {
        await pulumi.log.warn(`${host}: ${warning}`, component);
    }
    if (!pulumi.runtime.isDryRun()) {
        return;
    }
    if (restarts.length > 0) {
        const outage =
            hosts === 1
                ? ` As the only control-plane host given, it takes the API with it, for ${isUnit ? "some seconds" : "about 40 s"}.`
                : "";
        await pulumi.log.info(`${host}: the API server will be restarted: ${restarts.join("; ")}.${outage}`, component);
    } else if (drifts.length > 0) {
        await pulumi.log.info(`${host}: the API server will not be restarted.`, component);
    }
}

/**
 * Tells in a preview what a change of the policy or of the flags does, once for all hosts that have the same in force.
 *
 * @param told - what was told already
 */
export async function describeChangeOnce(
    component: pulumi.Resource,
    { inForce, kubernetes }: Assessment,
    wish: Wish,
    told: Set<string>,
): Promise<void> {
    const key = JSON.stringify([inForce, kubernetes]);
    if (inForce === undefined || told.has(key) || !pulumi.runtime.isDryRun()) {
        return;
    }
    told.add(key);
    for (const message of describeChange(inForce, wish, kubernetes)) {
        await pulumi.log.info(message, component);
    }
}
