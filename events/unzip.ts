import { Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";

/** Whether bytes begin as gzip's do. */
export function isGzip(bytes: Uint8Array): boolean {
    return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The bytes of a stream, which are decompressed where they are gzip's; of a cut one everything that is there.
 *
 * @throws Error at the end, or where it is damaged
 */
export async function* unzip(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const pieces = stream[Symbol.asyncIterator]();
    const first = await pieces.next();
    if (first.done === true) {
        return;
    }
    const all = prepend(first.value, pieces);
    if (isGzip(first.value)) {
        yield* decompress(all);
    } else {
        yield* all;
    }
}

async function* prepend(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
    let next: IteratorResult<Buffer> = { value: first };
    while (next.done !== true) {
        yield next.value;
        next = await rest.next();
    }
}

async function* decompress(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let trailer = Buffer.alloc(0);
    let length = 0;
    async function* watched() {
        for await (const piece of pieces) {
            trailer = Buffer.concat([trailer, piece.subarray(-4)]).subarray(-4);
            yield piece;
        }
    }
    // The flush makes it give out what there is of a cut file, instead of an error.
    const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    const source = Readable.from(watched());
    source.on("error", (error) => gunzip.destroy(error));
    for await (const piece of source.pipe(gunzip) as AsyncIterable<Buffer>) {
        length += piece.length;
        yield piece;
    }
    if (trailer.length < 4 || trailer.readUInt32LE() !== length % 2 ** 32) {
        throw new Error("the compressed data is cut, or put together from several files");
    }
}
