import type { Policy, PolicyRule } from "../types";
import { isAtLeast, isSet } from "./flags";
import { aboutPolicy, fail, pass, type Framework, type Judgement } from "./framework";

/** Source: DISA's Security Technical Implementation Guide for Kubernetes, V2R6. */
export function stig(): Framework {
    return {
        name: "stig",
        controls: [
            { id: "V-242402", title: "The audit log has a path", judge: isSet("audit-log-path") },
            {
                id: "V-242403",
                title: "Every request is recorded with everything sent and answered",
                judge: aboutPolicy(everythingWithBodies),
            },
            { id: "V-242461", title: "There is an audit policy", judge: isSet("audit-policy-file") },
            {
                id: "V-242462",
                title: "A log is rotated at 100 MB, not earlier",
                judge: isAtLeast("audit-log-maxsize", 100),
            },
            { id: "V-242463", title: "10 rotated logs are kept", judge: isAtLeast("audit-log-maxbackup", 10) },
            { id: "V-242464", title: "Rotated logs are kept for 30 days", judge: isAtLeast("audit-log-maxage", 30) },
        ],
    };
}

/** The guide shows the one policy it wants: `- level: RequestResponse` alone. Rules that add up to it do, too. */
function everythingWithBodies(policy: Policy): Judgement {
    for (const [index, rule] of policy.rules.entries()) {
        if (rule.level !== "RequestResponse") {
            return fail(`rules[${index}] has the level ${rule.level}; all have to have RequestResponse.`);
        }
        const omitted = [...(policy.omitStages ?? []), ...(rule.omitStages ?? [])].find(
            (stage) => stage !== "RequestReceived",
        );
        if (omitted) {
            return fail(`rules[${index}] records nothing at ${omitted}, and so not the outcome of every request.`);
        }
        if (matchesEverything(rule)) {
            return pass("Every request is recorded at RequestResponse, credentials included.");
        }
    }
    return fail("Requests that no rule matches are not recorded: the last rule has to be for everything.");
}

function matchesEverything({ users, userGroups, verbs, resources, namespaces, nonResourceURLs }: PolicyRule): boolean {
    return [users, userGroups, verbs, resources, namespaces, nonResourceURLs].every((list) => !list?.length);
}
