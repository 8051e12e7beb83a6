/** The log's `yyyy-MM-ddTHH:mm:ss.fffZ`. */

// Both begin at what no bytes are: they overlap in one byte.
let dayText: u64 = 0
let dayEnd: u32 = 0xff
let dayMillis: i64 = 0

/** True for all that src/records/event-time.ts takes: the fraction may have any length, and it and the `Z` may be missing. */
export function isTime(at: usize, end: usize): bool {
  if (parseTime(at, end) >= 0) return true
  if (end - at < 19 || startOfDay(at) < 0) return false
  if (twoDigits(at + 11) > 23 || twoDigits(at + 14) > 59 || twoDigits(at + 17) > 59) return false
  if (load<u8>(at, 13) != 0x3a || load<u8>(at, 16) != 0x3a) return false
  let next = at + 19
  if (next < end && load<u8>(next) == 0x2e) {
    next++
    while (next < end && <u32>load<u8>(next) - 0x30 <= 9) next++
  }
  if (next < end && load<u8>(next) == 0x5a) next++
  return next == end
}

/** Epoch milliseconds, or -1 when it is not in exactly this form or no such time. */
export function parseTime(at: usize, end: usize): i64 {
  if (end - at != 24) return -1
  // Consecutive rows are nearly always of one day: `yyyy-MM-` and `-ddT`.
  if (load<u64>(at) != dayText || load<u32>(at, 7) != dayEnd) {
    const millis = startOfDay(at)
    if (millis < 0) return -1
    dayText = load<u64>(at)
    dayEnd = load<u32>(at, 7)
    dayMillis = millis
  }
  const digits = i8x16.sub(v128.load(at, 8), v128.load(timeForm))
  if (v128.any_true(i8x16.gt_u(digits, v128.load(timeForm, 16)))) return -1
  const pairs = i8x16.shuffle(digits, digits, 3, 4, 6, 7, 9, 10, 12, 13, 3, 4, 6, 7, 9, 10, 12, 13)
  const parts = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(pairs), v128.load(timeForm, 32))
  const hour = i32x4.extract_lane(parts, 0)
  if (hour > 23) return -1
  const seconds = (hour * 60 + i32x4.extract_lane(parts, 1)) * 60 + i32x4.extract_lane(parts, 2)
  return dayMillis + <i64>(seconds * 1000 + i32x4.extract_lane(parts, 3) + i8x16.extract_lane_u(digits, 14))
}

/** `ddThh:mm:ss.fffZ` with zeros as digits, how much more each byte may be, and what its digits are worth in pairs. */
const timeForm: usize = memory.data<u8>([
  0x30, 0x30, 0x54, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x2e, 0x30, 0x30, 0x30, 0x5a,
  9, 9, 0, 9, 9, 0, 5, 9, 0, 5, 9, 0, 9, 9, 9, 0,
  10, 0, 1, 0, 10, 0, 1, 0, 10, 0, 1, 0, 100, 0, 10, 0,
])

/** Writes `Mmm dd hh:mm:ss`, the day padded with a space, of a time that `parseTime` took. */
export function writeRfc3164Time(out: usize, at: usize): usize {
  const month = twoDigits(at + 5)
  store<u32>(out, load<u32>(monthNames + <usize>((month - 1) << 2)))
  const tens = load<u8>(at, 8)
  store<u8>(out, tens == 0x30 ? 0x20 : tens, 4)
  store<u8>(out, load<u8>(at, 9), 5)
  store<u8>(out, 0x20, 6)
  store<u64>(out, load<u64>(at, 11), 7)
  return out + 15
}

/** Writes decimal digits. */
export function writeInteger(out: usize, value: u64): usize {
  let digits: usize = 1
  let power: u64 = 10
  if (value >= 1_000_000_000_000) {
    // As milliseconds of our days.
    digits = 13
    power = 10_000_000_000_000
  }
  for (; power <= value; power *= 10) digits++
  const end = out + digits
  let at = end
  while (value >= 100_000_000) {
    const rest = value / 100_000_000
    let eight = <u32>(value - rest * 100_000_000)
    value = rest
    for (const stop = at - 8; at > stop; eight /= 100) at = writeTwo(at, eight % 100)
  }
  let rest = <u32>value
  for (; at > out + 1; rest /= 100) at = writeTwo(at, rest % 100)
  if (at > out) store<u8>(out, 0x30 + rest)
  return end
}

/** Writes two digits in front of an address, and returns that of the first. */
@inline
function writeTwo(at: usize, value: u32): usize {
  const tens = value / 10
  store<u16>(at - 2, <u16>((0x30 + tens) | ((0x30 + value - tens * 10) << 8)))
  return at - 2
}

const monthNames: usize = memory.data<u8>([
  0x4a, 0x61, 0x6e, 0x20, 0x46, 0x65, 0x62, 0x20, 0x4d, 0x61, 0x72, 0x20, 0x41, 0x70, 0x72, 0x20,
  0x4d, 0x61, 0x79, 0x20, 0x4a, 0x75, 0x6e, 0x20, 0x4a, 0x75, 0x6c, 0x20, 0x41, 0x75, 0x67, 0x20,
  0x53, 0x65, 0x70, 0x20, 0x4f, 0x63, 0x74, 0x20, 0x4e, 0x6f, 0x76, 0x20, 0x44, 0x65, 0x63, 0x20,
])

function startOfDay(at: usize): i64 {
  const century = twoDigits(at)
  const yearOfCentury = twoDigits(at + 2)
  const month = twoDigits(at + 5)
  const day = twoDigits(at + 8)
  if (century > 99 || yearOfCentury > 99 || month < 1 || month > 12 || day < 1) return -1
  if (load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d || load<u8>(at, 10) != 0x54) return -1
  const year = century * 100 + yearOfCentury
  if (year < 1970 || day > daysIn(year, month)) return -1
  // Days since 1970-03-01 of a calendar whose years begin in March, as its leap days then end them.
  const y = month > 2 ? year : year - 1
  const m = month > 2 ? month - 3 : month + 9
  const days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1
  return (<i64>days - 719468) * 86_400_000
}

function daysIn(year: u32, month: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
}

/** Two decimal digits; more than 99 when they are none. */
@inline
function twoDigits(at: usize): u32 {
  const tens = <u32>load<u8>(at) - 0x30
  const ones = <u32>load<u8>(at, 1) - 0x30
  return tens > 9 || ones > 9 ? 1000 : tens * 10 + ones
}
