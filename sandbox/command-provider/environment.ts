import { type Client } from "ssh2";

/** A variable to set for a remote command. */
export interface Variable {
    readonly name: string;
    readonly value: string;
    /** Asked whether to go on when the server does not accept it. */
    readonly refused: () => void;
}

/** The parts of ssh2 that send a variable; it offers no way to learn of a refusal. */
interface Internals {
    readonly _protocol: {
        env: (channel: number, name: string, value: string, wantReply: boolean) => void;
        exec: (channel: number, command: string, wantReply: boolean) => void;
    };
    readonly _chanMgr: { get: (localId: number) => { readonly _callbacks: ((refused: boolean) => void)[] } };
}

/**
 * Makes the next `exec` of a fresh client set variables first, each with an answer from the server, and start the
 * command only when no refusal has thrown.
 *
 * @param failed - told what a refusal threw; the command is then not started
 */
export function setBeforeExec(client: Client, variables: readonly Variable[], failed: (error: unknown) => void): void {
    const { _protocol: protocol, _chanMgr: channels } = client as unknown as Internals;
    const send = protocol.env.bind(protocol);
    const start = protocol.exec.bind(protocol);
    protocol.exec = (channel, command, wantReply) => {
        const { _callbacks: answers } = channels.get(0);
        const started = answers.pop(); // the command's own answer comes after those of the variables
        const next = (index: number): void => {
            const variable = variables[index];
            if (variable === undefined) {
                if (started !== undefined) {
                    answers.push(started);
                }
                start(channel, command, wantReply);
                return;
            }
            answers.push((refused) => {
                try {
                    if (refused) {
                        variable.refused();
                    }
                    next(index + 1);
                } catch (error) {
                    failed(error);
                }
            });
            send(channel, variable.name, variable.value, true);
        };
        next(0);
    };
}
