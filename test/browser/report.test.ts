import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe, { type AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { sampleReport } from "../events/report/sampleReport";

const widths = { desktop: 1280, phone: 360 };

describe("the report in a browser", () => {
    const directory = mkdtempSync(join(tmpdir(), "kube-audit-report-"));
    const file = join(directory, "report.html");
    let browser: Browser;

    before(async () => {
        writeFileSync(file, await sampleReport());
        browser = await chromium.launch({
            executablePath: "/usr/bin/chromium",
            args: ["--no-sandbox"],
            timeout: 120_000,
        });
    });

    after(async () => {
        await browser.close();
        rmSync(directory, { recursive: true });
    });

    /** Opens the page, and tells what it asks for and complains of. */
    async function open(width: number, colorScheme: "light" | "dark" = "light") {
        const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
        page.setDefaultTimeout(120_000);
        const [requests, complaints]: [string[], string[]] = [[], []];
        page.on("request", (request) => requests.push(request.url()));
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(error.message));
        await page.goto(pathToFileURL(file).href);
        return { page, requests, complaints };
    }

    for (const [name, width] of Object.entries(widths)) {
        for (const scheme of ["light", "dark"] as const) {
            it(`has nothing that axe finds, at the width of a ${name}, ${scheme}`, async () => {
                const { page } = await open(width, scheme);
                assert.deepEqual(await violations(page), []);
                await page.close();
            });
        }

        it(`fits the width of a ${name}`, async () => {
            const { page } = await open(width);
            // The heads of tables are out of sight on a phone: there each cell has its title.
            const wide = await page.evaluate(
                `[...document.querySelectorAll("main *")]
                    .filter((one) => getComputedStyle(one.closest("thead") ?? one).position !== "absolute")
                    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
                    .map((one) => one.outerHTML.slice(0, 100))`,
            );
            assert.deepEqual(wide, []);
            assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width);
            await page.close();
        });
    }

    it("asks for nothing but itself, and complains of nothing", async () => {
        const { page, requests, complaints } = await open(widths.desktop);
        assert.deepEqual([requests, complaints], [[pathToFileURL(file).href], []]);
        await page.close();
    });

    it("shows what a log has in it as text", async () => {
        const { page } = await open(widths.desktop);
        assert.equal(await page.evaluate("document.scripts.length"), 0);
        assert.ok((await page.locator("body").innerText()).includes("<script>alert(1)</script>"));
        await page.close();
    });

    it("leads from a figure to its requests", async () => {
        const { page } = await open(widths.phone);
        await page.getByRole("link", { name: "alice" }).first().click();
        const table = page.locator(":target table");
        assert.match(await table.locator("caption").innerText(), /^Users, alice: 3 of 3$/);
        assert.equal(await table.getByRole("row").count(), 4);
        await page.close();
    });

    it("can be printed", async () => {
        const { page } = await open(widths.desktop);
        const pdf = await page.pdf({ format: "A4" });
        assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
        await page.close();
    });
});

async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const results = await page.evaluate<AxeResults>("axe.run()");
    return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}
