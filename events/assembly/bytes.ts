/** What bytes are. */

export const QUOTE: u8 = 0x22;
export const COMMA: u8 = 0x2c;
export const SLASH: u8 = 0x2f;
export const BACKSLASH: u8 = 0x5c;
export const CLOSE: u8 = 0x7d;
export const CAPITAL_E: u8 = 0x45;
export const B: u8 = 0x62;
export const C: u8 = 0x63;
export const F: u8 = 0x66;
export const N: u8 = 0x6e;
export const O: u8 = 0x6f;
export const R: u8 = 0x72;
export const T: u8 = 0x74;
export const U: u8 = 0x75;

function equal(bytes: v128, byte: u8): v128 {
    return v128.eq<u8>(bytes, v128.splat<u8>(byte));
}

/** Whether a text of ASCII is at a place. AssemblyScript keeps texts in UTF-16. */
export function hasAt(at: usize, text: string): bool {
    const wanted = changetype<usize>(text);
    const length = text.length;
    for (let i = 0; i < length; i += 16) {
        const units = wanted + 2 * i;
        const bytes = v128.narrow<i16>(v128.load(units), v128.load(units, 16));
        const all = length - i < 16 ? (1 << (length - i)) - 1 : 0xffff;
        if ((i8x16.bitmask(v128.eq<u8>(v128.load(at + i), bytes)) & all) != all) {
            return false;
        }
    }
    return true;
}

export function isDigit(byte: u8): bool {
    return byte >= 0x30 && byte <= 0x39;
}

export function isHexDigit(byte: u8): bool {
    const letter = byte | 0x20;
    return isDigit(byte) || (letter >= 0x61 && letter <= F);
}

// Not where it is: asc takes an exported function with vectors for a part of the module's interface, and warns.
export { equal };
