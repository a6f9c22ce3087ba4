import { record } from "../builder";
import { definePreset } from "./preset";

/** Every request, no bodies. */
export const metadata = definePreset({
    name: "metadata",
    description:
        "Every request without its bodies. Simple and complete, and large: 100 MB in half an hour have been seen, most " +
        "of it heartbeats and the reads of controllers.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"] },
    rules: () => [["Everything.", record().at("Metadata"), { "node-leases": "everything includes heartbeats" }]],
});
