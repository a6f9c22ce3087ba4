import assert from "node:assert/strict";
import { makeWish } from "../../host/wish";
import { steps } from "../e2e/killPoints";
import { KINDS, planRounds, STEPS, VICTIMS, type Kind } from "./plan";
import { policyOf } from "./settings";

const kinds = Object.keys(KINDS) as Kind[];

describe("the plan of chaos", () => {
    it("follows from the seed, each round from its number", () => {
        for (const kind of kinds) {
            const rounds = planRounds(7, kind, 1, 40);
            assert.deepEqual(planRounds(7, kind, 1, 40), rounds);
            assert.deepEqual(planRounds(7, kind, 31, 5), rounds.slice(30, 35));
            assert.notDeepEqual(planRounds(8, kind, 1, 40), rounds);
        }
    });

    it("goes on from what the round before it has changed", () => {
        const rounds = planRounds(1, "ha", 1, 100);
        rounds.slice(1).forEach((round, index) => {
            assert.deepEqual(round.before, rounds[index]!.change.settings);
        });
    });

    it("changes something in every round, into settings that are possible", () => {
        for (const kind of kinds) {
            for (const { before, change } of planRounds(3, kind, 1, 100)) {
                assert.notDeepEqual(change.settings, before);
                const { log, readerGroup } = change.settings;
                makeWish({ owner: "chaos", policy: policyOf(change.settings), log, readerGroup });
                assert.ok(change.settings.hosts.every((place) => place < KINDS[kind].nodes));
            }
        }
    });

    it("has every victim that a kind has, and every kind of change", () => {
        for (const kind of kinds) {
            const rounds = planRounds(1, kind, 1, 300);
            const victims = new Set(rounds.flatMap(({ faults }) => faults.map(({ victim }) => victim)));
            const never = VICTIMS.filter((victim) => !victims.has(victim));
            const expected = {
                node: ["etcd"],
                ha: ["etcd"],
                systemd: ["kubelet", "kubelet for a while", "containerd"],
            };
            assert.deepEqual(never, expected[kind]);
            const words = rounds.map(({ change }) => change.words).join("\n");
            for (const word of ["on", "off", ...(kind === "node" ? [] : ["a host less", "a host more"])]) {
                assert.match(words, new RegExp(`^${word}$`, "m"));
            }
        }
    });

    it("knows the steps of both transactions, in their order", () => {
        const [apply, remove] = [steps("apply"), steps("remove")];
        assert.deepEqual(new Set(STEPS), new Set([...apply, ...remove]));
        for (const order of [apply, remove]) {
            assert.deepEqual(
                STEPS.filter((step) => order.includes(step)),
                order.filter((step, index) => order.lastIndexOf(step) === index),
            );
        }
    });
});
