import type { Command } from "./command";

interface CommandEntry {
    /** One line for the list of commands. */
    summary: string;
    /** Loads the command, and with it only what this one needs: loading all of them takes longer than most run. */
    load: () => Command;
}

/** Every command by its name, which is one word or two, in the order of the help text. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map([
    entry("policy check", "say whether the API server would accept a policy", () => require("./policyCheck")),
    entry("policy lint", "find what is valid in a policy and surely not meant", () => require("./policyLint")),
    entry("policy explain", "say which rule decides about a request, and why", () => require("./policyExplain")),
    entry("policy evaluate", "say what is recorded of given requests", () => require("./policyEvaluate")),
    entry("policy diff", "say for which requests two policies differ", () => require("./policyDiff")),
    entry("policy preset", "print a policy that is ready to be used", () => require("./policyPreset")),
    entry("policy fmt", "write a policy in one form, comments and meaning kept", () => require("./policyFmt")),
    entry("policy schema", "print a JSON Schema of policies, for editors", () => require("./policySchema")),
    entry("logs", "find, count and plot events of audit logs", () => require("./logs")),
    entry("who-deleted", "say who deleted an object", () => require("./whoDeleted")),
    entry("who-can-see", "say who has read which secrets", () => require("./whoCanSee")),
    entry("exec", "say who ran commands in containers", () => require("./exec")),
    entry("failed-logins", "say who was not let in, and who was refused", () => require("./failedLogins")),
    entry("new-privileges", "say who changed what somebody may do", () => require("./newPrivileges")),
    entry("deprecated", "say who uses APIs that will be gone", () => require("./deprecated")),
    entry("slow", "say which requests took longest", () => require("./slow")),
    entry("simulate", "say what another policy would have recorded of a log", () => require("./simulate")),
    entry("retention", "say how far back a log reaches, and what to set", () => require("./retention")),
    entry("alerts", "show alerts of Falco with the requests that they are about", () => require("./alerts")),
    entry("report", "write one HTML page about audit logs", () => require("./report")),
    entry("verify", "show that the audit log of every host works", () => require("./verify")),
    entry("manifest patch", "print a manifest with audit logging turned on", () => require("./manifestPatch")),
    entry("manifest strip", "print a patched manifest as it was before", () => require("./manifestStrip")),
    entry("completion", "print a completion for bash, zsh or fish", () => require("./completion")),
]);

/** @param load - requires the module that exports the `command` */
function entry(name: string, summary: string, load: () => unknown): [string, CommandEntry] {
    return [name, { summary, load: () => (load() as { command: Command }).command }];
}
