/** The process of one command of a {@link ProcessStack}: is sent the command, and sends its outcome. */
import { createEngine } from "../../sandbox";
import { AuditStack, type Outcome } from "../clusters/auditStack";
import { PROJECT, type Command } from "./stack";

async function carryOut({ workDir, name, verb, args }: Command): Promise<Outcome> {
    const engine = await createEngine({ project: PROJECT, workDir });
    const stack = await AuditStack.create(engine, args, { name });
    return stack[verb]();
}

process.once("message", (command: Command) => {
    carryOut(command).then(
        (outcome) => process.send!(outcome, () => process.exit()),
        (error: unknown) => {
            console.error(error);
            process.exit(1);
        },
    );
});
