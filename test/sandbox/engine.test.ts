import assert from "node:assert/strict";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { grpcClientOptions } from "../../sandbox/engine";

const Echo = grpc.makeGenericClientConstructor(
    {
        echo: {
            path: "/test.Echo/Echo",
            requestStream: false,
            responseStream: false,
            requestSerialize: (text: string) => Buffer.from(text),
            requestDeserialize: String,
            responseSerialize: (text: string) => Buffer.from(text),
            responseDeserialize: String,
        },
    },
    "test.Echo",
);

async function serve(address: string): Promise<{ server: grpc.Server; port: number }> {
    const server = new grpc.Server();
    const echo: grpc.handleUnaryCall<string, string> = ({ request }, callback) => {
        callback(null, request);
    };
    server.addService(Echo.service, { echo });
    const bind = promisify(server.bindAsync.bind(server));
    return { server, port: await bind(address, grpc.ServerCredentials.createInsecure()) };
}

/** What the server there answers, or the status of the failure. */
function ask(client: InstanceType<typeof Echo>): Promise<unknown> {
    const call = client.echo as (
        request: string,
        callback: (error: grpc.ServiceError | null, answer?: string) => void,
    ) => void;
    return new Promise((resolve) => {
        call.call(client, "hello", (error, answer) => {
            resolve(error === null ? answer : error.code);
        });
    });
}

describe("the SDK's clients of an engine", () => {
    it("reach a new engine at the address of one that has ended", async () => {
        const first = await serve("127.0.0.1:0");
        const address = `127.0.0.1:${first.port}`;
        const client = () => new Echo(address, grpc.credentials.createInsecure(), grpcClientOptions);
        const left = client();
        const answers = [await ask(left)];
        first.server.forceShutdown();
        answers.push(await ask(left), await ask(left));
        const second = await serve(address);
        const late = client();
        answers.push(await ask(late));
        left.close();
        late.close();
        second.server.forceShutdown();
        const { UNAVAILABLE } = grpc.status;
        assert.deepEqual(answers, ["hello", UNAVAILABLE, UNAVAILABLE, "hello"]);
    });
});
