import assert from "node:assert/strict";
import { formatColumns } from "../../cli/columns";

describe("formatColumns", () => {
    it("sets cells under one another, numbers to the right", () => {
        assert.equal(
            formatColumns([["a", "n"], ["b\u001bcd", "100"], ["e"]], [1]),
            "a            n\nb\\u001bcd  100\ne\n",
        );
    });
});
