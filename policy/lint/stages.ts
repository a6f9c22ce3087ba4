import { decisionOf } from "../evaluate";
import { warning, type Remark } from "../finding";
import { stages, type PolicyRule, type Stage } from "../types";
import { decidingRules, isReached, type LintContext } from "./context";

/** Stages whose omission hides more than it seems to, and levels that have nothing left to record. */
export function lintStages(context: LintContext): Remark[] {
    const { policy } = context;
    return [
        ...lintFailedAuthentication(context),
        ...lintSessions(context),
        ...policy.rules.flatMap((rule, index) => lintLevel(context, rule, index)),
    ];
}

/** A failed authentication is recorded in one event alone, of the stage ResponseStarted, without a user. */
function lintFailedAuthentication(context: LintContext): Remark[] {
    const fix = "Omit RequestReceived alone, which every recorded request repeats later.";
    const remark = (path: string) =>
        warning("omits-failed-authentication", path, "requests that fail authentication are not recorded", {
            reason: "They have a single event, of the stage ResponseStarted.",
            fix,
        });
    return oncePerOmission(context, "ResponseStarted", remark, () =>
        context.policy.rules.flatMap(({ level, users, userGroups }, index) =>
            level !== "None" && !users?.length && !userGroups?.length && isReached(context, index) ? [index] : [],
        ),
    );
}

function lintSessions(context: LintContext): Remark[] {
    const remark = (path: string) =>
        warning("omits-session-start", path, "exec, attach and port-forward are recorded only when they end", {
            reason: "The event at the start of a session is of the stage ResponseStarted; Falco's rule Attach/Exec Pod needs it.",
            fix: "Omit RequestReceived alone, or put a rule for pods/exec, pods/attach and pods/portforward before.",
        });
    return oncePerOmission(context, "ResponseStarted", remark, () =>
        decidingRules(context, "sessions")
            .map(({ index }) => index)
            .filter((index) => context.policy.rules[index]!.level !== "None"),
    );
}

/** One remark where the policy omits a stage for all, if that matters; else one for each rule where it matters. */
function oncePerOmission(
    { policy }: LintContext,
    stage: Stage,
    remark: (path: string) => Remark,
    affected: () => readonly number[],
): Remark[] {
    const ofPolicy = policy.omitStages?.indexOf(stage) ?? -1;
    if (ofPolicy >= 0) {
        return affected().length > 0 ? [remark(`omitStages[${ofPolicy}]`)] : [];
    }
    return affected().flatMap((index) => {
        const position = policy.rules[index]!.omitStages?.indexOf(stage) ?? -1;
        return position >= 0 ? [remark(`rules[${index}].omitStages[${position}]`)] : [];
    });
}

function lintLevel({ policy }: LintContext, rule: PolicyRule, index: number): Remark[] {
    const { level, omitStages } = decisionOf(policy, index);
    const path = `rules[${index}].level`;
    if (level === "None") {
        return [];
    }
    const left = stages.filter((stage) => !omitStages.includes(stage));
    if (left.length === 0) {
        return [
            warning("records-nothing", path, `rules[${index}] records nothing, as every stage is omitted`, {
                fix: "Omit fewer stages, or write level: None.",
            }),
        ];
    }
    const reason = reasonForLess(rule, left);
    return reason === undefined
        ? []
        : [
              warning("level-without-effect", path, `rules[${index}] records less than ${level}`, {
                  reason,
                  fix: reason === noResponse ? "Write level: Request, or keep the stage." : "Write level: Metadata.",
              }),
          ];
}

const noResponse = "Response bodies are in events of the stage ResponseComplete, which is omitted.";

function reasonForLess({ level, nonResourceURLs }: PolicyRule, left: readonly Stage[]): string | undefined {
    if (level === "Metadata") {
        return undefined;
    }
    if (nonResourceURLs?.length) {
        return "Bodies are recorded only of requests about resources.";
    }
    if (left.every((stage) => stage === "RequestReceived")) {
        return "When a request is received, its body is not known yet; the stages that have it are omitted.";
    }
    return level === "RequestResponse" && !left.includes("ResponseComplete") ? noResponse : undefined;
}
