/** As src/encode/unicode-controls.ts, which says why. */
import { CONTROLS_ALL } from '../contract'

/** Whether one of the characters that `controls` names stands in start … end, which is valid UTF-8. */
export function holdsControl(start: usize, end: usize, controls: u32): bool {
  for (let at = start; at < end; at += 16) {
    const block = v128.load(at)
    let leads = v128.or(i8x16.eq(block, i8x16.splat(<i8>0xc2)), i8x16.eq(block, i8x16.splat(<i8>0xe2)))
    leads = v128.or(leads, i8x16.eq(block, i8x16.splat(<i8>0xd8)))
    for (let mask = <u32>i8x16.bitmask(leads); mask; mask &= mask - 1) {
      const lead = at + ctz(mask)
      if (lead < end && isControl(lead, controls)) return true
    }
  }
  return false
}

function isControl(at: usize, controls: u32): bool {
  const lead = load<u8>(at)
  const second = load<u8>(at, 1)
  // U+0080 to U+009F
  if (lead == 0xc2) return second < 0xa0
  // U+061C
  if (lead == 0xd8) return controls == CONTROLS_ALL && second == 0x9c
  const third = load<u8>(at, 2)
  // U+2066 to U+2069
  if (second == 0x81) return controls == CONTROLS_ALL && third >= 0xa6 && third <= 0xa9
  if (second != 0x80) return false
  // U+2028, U+2029, then U+202A to U+202E, U+200E, U+200F
  if (third == 0xa8 || third == 0xa9) return true
  return controls == CONTROLS_ALL && ((third >= 0xaa && third <= 0xae) || third == 0x8e || third == 0x8f)
}
