/**
 * A stand-in for the official `command` plugin, for machines that cannot download it: `command:remote:Command` with the
 * same semantics. It is never shipped; sandbox/engine.ts puts it on PATH as `pulumi-resource-command`.
 */
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { messageOf } from "./dial";
import * as resource from "./resource";
import { type RunLog } from "./run";
import { diffResponse, struct, values } from "./wire";

const VERSION = "1.2.1";
const TYPE = "command:remote:Command";
const LIMITS = { "grpc.max_receive_message_length": 400 << 20, "grpc.max_send_message_length": 400 << 20 };

let engine: EngineClient | undefined;

function connectEngine(address: string): void {
    engine = new EngineClient(address, grpc.credentials.createInsecure(), LIMITS);
}

function logFor(urn: string): RunLog {
    const say = (severity: LogSeverity, message: string, ephemeral: boolean) => {
        const request = new LogRequest().setSeverity(severity).setMessage(message).setUrn(urn).setEphemeral(ephemeral);
        engine?.log(request, () => undefined);
    };
    return {
        status: (message) => {
            say(LogSeverity.INFO, message, true);
        },
        warning: (message) => {
            say(LogSeverity.WARNING, message, false);
        },
        error: (message) => {
            say(LogSeverity.ERROR, message, false);
        },
    };
}

/** Answers one kind of request, and turns what is thrown into the engine's kind of error. */
function answer<Request, Response>(
    work: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
    return (call, callback) => {
        Promise.resolve(call.request)
            .then(work)
            .then(
                (response) => {
                    callback(null, response);
                },
                (error: unknown) => {
                    callback({ code: grpc.status.UNKNOWN, details: messageOf(error) });
                },
            );
    };
}

/** {@link answer}, for requests about the one type of resource that there is. */
function answerCommand<Request extends { getUrn(): string }, Response>(
    work: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
    return answer((request) => {
        const type = typeOf(request.getUrn());
        if (type !== TYPE) {
            throw new Error(`the stand-in for the command plugin has ${TYPE} only, not ${type}`);
        }
        return work(request);
    });
}

function typeOf(urn: string): string {
    return urn.split("::")[2]?.split("$").pop() ?? "";
}

function nameOf(urn: string): string {
    return urn.split("::").slice(3).join("::");
}

const service: grpc.UntypedServiceImplementation = {
    checkConfig: answer((request: messages.CheckRequest) => new messages.CheckResponse().setInputs(request.getNews())),
    diffConfig: answer(() => new messages.DiffResponse()),
    configure: answer(() => new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
    getPluginInfo: answer(() => new PluginInfo().setVersion(VERSION)),
    getSchema: answer(() => new messages.GetSchemaResponse().setSchema("{}")),
    attach: answer((request: { getAddress: () => string }) => {
        connectEngine(request.getAddress());
        return new Empty();
    }),
    cancel: answer(() => new Empty()),
    check: answerCommand((request: messages.CheckRequest) => {
        const { inputs, failures } = resource.check(values(request.getNews()));
        const response = new messages.CheckResponse().setInputs(struct(inputs));
        failures.forEach(({ property, reason }) =>
            response.addFailures(new messages.CheckFailure().setProperty(property).setReason(reason)),
        );
        return response;
    }),
    diff: answerCommand((request: messages.DiffRequest) =>
        diffResponse(
            resource.diff(
                values(request.getOlds()),
                values(request.getOldInputs() ?? request.getOlds()),
                values(request.getNews()),
                request.getIgnorechangesList(),
            ),
        ),
    ),
    create: answerCommand(async (request: messages.CreateRequest) => {
        const urn = request.getUrn();
        const inputs = values(request.getProperties());
        const { id, state } = await resource.create(nameOf(urn), inputs, request.getPreview(), logFor(urn));
        return new messages.CreateResponse().setId(id).setProperties(struct(state));
    }),
    read: answerCommand((request: messages.ReadRequest) =>
        new messages.ReadResponse()
            .setId(request.getId())
            .setProperties(request.getProperties())
            .setInputs(request.getInputs()),
    ),
    update: answerCommand(async (request: messages.UpdateRequest) => {
        const state = await resource.update(
            values(request.getOlds()),
            values(request.getNews()),
            request.getIgnorechangesList(),
            request.getPreview(),
            logFor(request.getUrn()),
        );
        return new messages.UpdateResponse().setProperties(struct(state));
    }),
    delete: answerCommand(async (request: messages.DeleteRequest) => {
        await resource.remove(values(request.getProperties()), logFor(request.getUrn()));
        return new Empty();
    }),
};

const address = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
if (address !== undefined) {
    connectEngine(address);
}
const server = new grpc.Server(LIMITS);
server.addService(ResourceProviderService, service);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
        throw error;
    }
    process.stdout.write(`${port}\n`);
});
