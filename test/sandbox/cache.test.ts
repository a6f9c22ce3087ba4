import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cachePath, contentKey, withLock } from "../../sandbox/cache";

describe("the cache", () => {
    const before = process.env.KUBE_APISERVER_AUDIT_CACHE;
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "cache-"));
        process.env.KUBE_APISERVER_AUDIT_CACHE = directory;
    });
    afterEach(() => {
        rmSync(directory, { recursive: true });
        if (before === undefined) {
            delete process.env.KUBE_APISERVER_AUDIT_CACHE;
        } else {
            process.env.KUBE_APISERVER_AUDIT_CACHE = before;
        }
    });

    it("lets one at a time do the same", async () => {
        const events: string[] = [];
        const work = (name: string) =>
            withLock("same", async () => {
                events.push(`${name} in`);
                await sleep(20);
                events.push(`${name} out`);
            });
        await Promise.all([work("a"), work("b")]);
        assert.deepEqual(events, ["a in", "a out", "b in", "b out"]);
    });

    it("takes over the lock of a process that is gone, and lets go after a failure", async () => {
        writeFileSync(cachePath("locks", "dead"), "999999999");
        await assert.rejects(
            withLock("dead", () => Promise.reject(new Error("failed"))),
            /failed/,
        );
        assert.equal(await withLock("dead", () => Promise.resolve("done")), "done");
    });

    it("tells parts apart that say the same when joined", () => {
        assert.notEqual(contentKey(["ab", "c"]), contentKey(["a", "bc"]));
    });
});
