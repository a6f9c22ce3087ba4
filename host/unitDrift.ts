import { dropInPath, recordedBase, withoutComments } from "./dropIn";
import { flagDrift, logDirectoryDrift, lostReceipt, policyDrift, processDrift, type Drift } from "./drift";
import type { Observation } from "./observation";
import type { Receipt } from "./receipt";
import { findUnitCommand } from "./unitCommand";
import { UnitError } from "./unitCommand";
import type { UnitFacts } from "./unitServer";
import { sha256 } from "./wish";

/** Compares a host whose API server is a unit with what was last applied to it. */
export function findUnitDrift(observation: Observation, receipt: Receipt | undefined, facts: UnitFacts): Drift[] {
    const file = dropInPath(facts.unit.name);
    if (receipt === undefined) {
        return facts.dropIn === undefined ? [] : [lostReceipt(observation, file)];
    }
    const files = [
        ...dropInDrift(file, receipt, facts),
        ...policyDrift(observation, receipt),
        ...logDirectoryDrift(observation, receipt),
    ];
    const process = observation.processes.find(({ pid }) => pid === facts.unit.mainPid);
    // Where a file differs, the process that read it needs no word of its own.
    return files.some(({ restarts }) => restarts)
        ? files
        : [...files, ...processDrift(observation, receipt, file, process)];
}

function dropInDrift(file: string, receipt: Receipt, facts: UnitFacts): Drift[] {
    const { dropIn } = facts;
    const head = [`--- ${file} (as applied)`, `+++ ${file} (now)`];
    if (dropIn === undefined) {
        const { lines } = flagDrift([], receipt);
        return [
            {
                file,
                message: "the file was removed: all of the audit settings are gone",
                diff: [...head, ...lines].join("\n"),
                restarts: true,
            },
        ];
    }
    const planned = facts.planned(receipt.flags);
    if (sha256(dropIn) === receipt.manifestSha256) {
        return recordedBase(dropIn) === planned.baseSha256
            ? []
            : [
                  {
                      file,
                      message:
                          `the other files of ${facts.unit.name} were changed since this one was made from them ` +
                          "(by a package upgrade, for instance)",
                      restarts: withoutComments(planned.text) !== withoutComments(dropIn),
                  },
              ];
    }
    const { words, lines } = flagDrift(flagsIn(dropIn, facts), receipt);
    return [
        words.length > 0
            ? { file, message: words.join(", "), diff: [...head, ...lines].join("\n"), restarts: true }
            : {
                  file,
                  message: "the file was edited",
                  restarts: withoutComments(planned.text) !== withoutComments(dropIn),
              },
    ];
}

/** What the unit is given by an edited drop-in; nothing where that can no longer be read. */
function flagsIn(dropIn: string, { unit, files }: UnitFacts): string[] {
    try {
        const edited = [...files, { path: dropInPath(unit.name), text: dropIn }];
        return findUnitCommand(unit.name, edited, []).flags.map(({ text }) => text);
    } catch (error) {
        if (error instanceof UnitError) {
            return [];
        }
        throw error;
    }
}
