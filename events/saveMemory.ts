import { setFlagsFromString } from "node:v8";

let isSaving = false;

/**
 * Has V8 collect garbage sooner from now on, at the price of time. By default it lets the heap grow several times over what is in
 * use before it looks, which is little for usual events; but of a line of many megabytes several texts are made.
 */
export function saveMemory(): void {
    if (!isSaving) {
        isSaving = true;
        setFlagsFromString("--optimize-for-size");
    }
}
