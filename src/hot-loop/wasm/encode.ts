/**
 * Rows → frames, following a program: what `EventPlan` says, as addresses.
 *
 *   frame   syslog header │ CEF header │ fields │ their labels │ device │ trailer │ additional │ framing
 *
 * Everything usual is written here. For what is not (invalid UTF-8, numbers out of range, values that are derived
 * and not kept from before, …) the host is called, which writes at the same place and returns the address behind it.
 */
import {
  CONTROLS_KEEP, FLAG_CONTROL, FLAG_ESCAPE, FLAG_HIGH, FLAG_QUOTE, FRAMING_LF, FRAMING_OCTETS, HEADER_MARK_BYTES,
  KIND_FIXED, KIND_INTEGER, KIND_IP, KIND_IPV4, KIND_IPV6, KIND_PLAIN, KIND_RECEIPT, KIND_TEXT, KIND_TIME, NO_COLUMN, PRIORITY_BYTES, SLACK_BYTES,
  SYSLOG_FIXED, SYSLOG_HEADER_MAX_BYTES, SYSLOG_HOST, SYSLOG_NONE, SYSLOG_RFC_3164,
} from '../contract'
import { parseTime, writeRfc3164Time, writeInteger } from './time'
import { isIpv4, isIpv6, hasColon, isNumber, zoneStart } from './address'
import { EncodeJob, endOf, Op, startOf } from './job'
import { lookAt, standNowhere } from './inputs'
import { find, isToBeKept, keep, valueOf } from './kept'
import { lookForRow, nothings, rememberNothing } from './rows'
import { holdsControl } from './controls'
import { breakHeaders } from './protect'
import { copyEscaped, copyPlain, equalBytes, trimStart, trimEnd } from './text'

/** Writes value `op` of the row at `out`; returns the address behind it. */
@external('host', 'value')
declare function hostValue(op: u32, row: u32, out: usize): usize
/** The column that value `op` of the row is a copy of; `NO_COLUMN` where it is none. */
@external('host', 'column')
declare function hostColumn(op: u32, row: u32): u32
/** Writes the CEF header of the row at `out`. */
@external('host', 'header')
declare function hostHeader(row: u32, out: usize): usize
/** Writes the syslog header of the row at `out`. */
@external('host', 'syslog')
declare function hostSyslog(row: u32, severity: u32, out: usize): usize
/** Writes true values of clamped numbers behind everything else. */
@external('host', 'overflows')
declare function hostOverflows(out: usize): usize
/** Writes the event line again, short enough for the message to fit. */
@external('host', 'shorten')
declare function hostShorten(row: u32, frameStart: usize, lineStart: usize): usize

/** Encodes rows from index `next` on; returns the index of the first that is not encoded. */
export function encode(job: EncodeJob, next: u32): u32 {
  const count = job.count
  const lastStart = job.outEnd - job.rowReserve
  const opSize = offsetof<Op>()
  const fieldStart = job.ops + opSize
  const fieldEnd = fieldStart + <usize>job.fieldCount * opSize
  const deviceEnd = fieldEnd + <usize>job.deviceCount * opSize
  const additionalEnd = deviceEnd + <usize>job.additionalCount * opSize
  let out = job.out
  while (next < count && out <= lastStart) {
    const row = load<u32>(job.rows + (<usize>next << 2))
    const frameStart = out
    let lineStart: usize
    lookAt(job, row)
    lookForRow(job)
    const headerOp = changetype<Op>(job.ops)
    const header = find(job, headerOp)
    if (header) {
      lineStart = writeSyslogHeader(job, row, header.severity, out)
      out = copyPlain(lineStart, valueOf(header, headerOp), header.length)
    } else {
      // Behind the longest syslog header, which has to know the severity.
      const made = out + SYSLOG_HEADER_MAX_BYTES + SLACK_BYTES
      const end = hostHeader(row, made)
      keep(job, headerOp, made, end, job.severity)
      lineStart = writeSyslogHeader(job, row, job.severity, out)
      memory.copy(lineStart, made, end - made)
      out = lineStart + (end - made)
    }
    out = writeValues(job, fieldStart, fieldEnd, row, out)
    for (let at = fieldStart; at < fieldEnd; at += opSize) {
      const op = changetype<Op>(at)
      if (op.isPresent) out = copyPlain(out, op.label, op.labelLength)
    }
    out = writeValues(job, fieldEnd, deviceEnd, row, out)
    out = copyPlain(out, job.trailer, job.trailerLength)
    out = writeValues(job, deviceEnd, additionalEnd, row, out)
    if (job.hasOverflow) {
      out = hostOverflows(out)
      job.hasOverflow = 0
    }
    if (out - frameStart > <usize>job.maxMessage) out = hostShorten(row, frameStart, lineStart)
    if (job.protectsHeader) {
      job.broken += breakHeaders(frameStart, lineStart) + breakHeaders(lineStart + HEADER_MARK_BYTES, out)
    }
    if (job.framing == FRAMING_LF) {
      store<u8>(out++, 0x0a)
    } else if (job.framing == FRAMING_OCTETS) {
      out = writeLengthInFront(frameStart, out)
    }
    store<u32>(job.frameEnds + (<usize>next << 2), <u32>(out - job.outBase))
    next++
  }
  job.out = out
  return next
}

/** Writes the values of these ops, and says of each whether it is there. */
function writeValues(job: EncodeJob, at: usize, last: usize, row: u32, out: usize): usize {
  const base = <usize>(row * job.columns)
  const bytes = job.bytes
  const starts = job.starts + (base << 2)
  const ends = job.ends + (base << 2)
  const flagsOfRow = job.flags + base
  /** Flags of what is not copied here. */
  const unusual = FLAG_CONTROL | (job.isValidUtf8 && job.controls == CONTROLS_KEEP ? 0 : FLAG_HIGH)
  const known = nothings()
  for (; at < last; at += offsetof<Op>()) {
    const op = changetype<Op>(at)
    const before = out
    if (op.isDerived && isNothing(op, known, starts, ends)) {
      op.isPresent = 0
      continue
    }
    if (op.kind == KIND_PLAIN) {
      const column = <usize>op.column
      const start = bytes + load<u32>(starts + (column << 2))
      const end = bytes + load<u32>(ends + (column << 2))
      const length = <u32>(end - start)
      if (length == 0) {
        op.isPresent = 0
        continue
      }
      const flags = <u32>load<u8>(flagsOfRow + column)
      if (!((flags & unusual) | u32(length > op.limit) | mayBeBlank(start) | mayBeBlank(end - 1))) {
        out = copyPlain(out, op.prefix, op.prefixLength)
        out = flags & (FLAG_ESCAPE | FLAG_QUOTE)
          ? copyEscaped(out, start, end, flags & FLAG_QUOTE)
          : copyPlain(out, start, length)
        op.isPresent = 1
        continue
      }
    }
    out = writeValue(job, at, row, out)
    op.isPresent = u32(out > before)
  }
  return out
}

/** True where the row has no such value, by what is known of those like it. */
@inline
function isNothing(op: Op, known: u32, starts: usize, ends: usize): bool {
  if (!((known >> op.rowPlace) & 1) || op.inputCount == NO_COLUMN || !standNowhere(op.unless)) return false
  const column = <usize>op.column << 2
  return op.column == NO_COLUMN || load<u32>(starts + column) == load<u32>(ends + column)
}

/** 1 for a blank, which is cut off, and for few other bytes. */
@inline
function mayBeBlank(at: usize): u32 {
  return u32(load<u8>(at) <= 0x20)
}

function writeValue(job: EncodeJob, at: usize, row: u32, out: usize): usize {
  const op = changetype<Op>(at)
  const base = row * job.columns
  if (op.whenColumn != NO_COLUMN && !holds(job, op, base + op.whenColumn)) return out
  if (op.column == NO_COLUMN) return writeDerived(job, op, row, out)
  const index = base + op.column
  const start = startOf(job, index)
  const end = endOf(job, index)
  if (op.isDerived && trimStart(start, end) == end) return writeDerived(job, op, row, out)
  return writeColumn(job, at, row, index, out)
}

/** Writes what stands in the field with this index. */
function writeColumn(job: EncodeJob, at: usize, row: u32, index: u32, out: usize): usize {
  const op = changetype<Op>(at)
  let start = startOf(job, index)
  let end = endOf(job, index)
  if (start == end) return out
  const flags = <u32>load<u8>(job.flags + index)
  if (flags & FLAG_CONTROL || (flags & FLAG_HIGH && !job.isValidUtf8)) return hostValue(opIndex(job, at), row, out)
  if (flags & FLAG_HIGH && job.controls != CONTROLS_KEEP && holdsControl(start, end, job.controls)) {
    return hostValue(opIndex(job, at), row, out)
  }
  start = trimStart(start, end)
  end = trimEnd(start, end)
  if (start == end) return out

  if (op.kind == KIND_TEXT || op.kind == KIND_PLAIN) {
    if (end - start > <usize>op.limit) {
      // Doubled quotes count once: rare enough to be counted elsewhere.
      if (flags & FLAG_QUOTE) return hostValue(opIndex(job, at), row, out)
      end = start + op.limit
      if (flags & FLAG_HIGH) while (end > start && (load<u8>(end) & 0xc0) == 0x80) end--
      end = trimEnd(start, end)
      job.cut++
      if (start == end) return out
    }
    out = copyPlain(out, op.prefix, op.prefixLength)
    return flags & (FLAG_ESCAPE | FLAG_QUOTE)
      ? copyEscaped(out, start, end, flags & FLAG_QUOTE)
      : copyPlain(out, start, <u32>(end - start))
  }
  if (op.kind == KIND_INTEGER) {
    if (!isNumber(start, end)) return hostValue(opIndex(job, at), row, out)
    while (end - start > 1 && load<u8>(start) == 0x30) start++
    if (end - start >= <usize>op.limit) return hostValue(opIndex(job, at), row, out)
    out = copyPlain(out, op.prefix, op.prefixLength)
    return copyPlain(out, start, <u32>(end - start))
  }
  if (op.kind == KIND_TIME) {
    const millis = parseTime(start, end)
    if (millis < 0) return hostValue(opIndex(job, at), row, out)
    return writeInteger(copyPlain(out, op.prefix, op.prefixLength), <u64>millis)
  }
  if (op.kind != KIND_IPV6 && isIpv4(start, end)) {
    out = copyPlain(out, op.prefix, op.prefixLength)
    return copyPlain(out, start, <u32>(end - start))
  }
  const isOtherFamily = op.kind != KIND_IP && hasColon(start, end) == (op.kind == KIND_IPV4)
  if (isOtherFamily) return out
  const addressEnd = zoneStart(start, end)
  if (op.kind == KIND_IPV4 || !isIpv6(start, addressEnd)) return hostValue(opIndex(job, at), row, out)
  out = copyPlain(out, op.prefix, op.prefixLength)
  return copyPlain(out, start, <u32>(addressEnd - start))
}

function writeDerived(job: EncodeJob, op: Op, row: u32, out: usize): usize {
  if (op.kind == KIND_FIXED) return copyPlain(out, op.prefix, op.prefixLength)
  if (op.kind == KIND_RECEIPT) {
    out = copyPlain(out, op.prefix, op.prefixLength)
    return copyPlain(out, job.receipt, job.receiptLength)
  }
  const kept = find(job, op)
  if (kept) {
    if (kept.severity) return writeColumn(job, changetype<usize>(op), row, row * job.columns + kept.severity - 1, out)
    if (!kept.length) rememberNothing(op)
    return copyPlain(out, valueOf(kept, op), kept.length)
  }
  if (op.chooses && isToBeKept()) {
    const column = hostColumn(opIndex(job, changetype<usize>(op)), row)
    if (column != NO_COLUMN) {
      keep(job, op, out, out, column + 1)
      return writeColumn(job, changetype<usize>(op), row, row * job.columns + column, out)
    }
  }
  const end = hostValue(opIndex(job, changetype<usize>(op)), row, out)
  if (job.isKeepable) keep(job, op, out, end, 0)
  return end
}

@inline
function opIndex(job: EncodeJob, at: usize): u32 {
  return <u32>((at - job.ops) / offsetof<Op>()) - 1
}

/** Compares the field as it stands with each of the values: length and bytes, one behind the other. */
function holds(job: EncodeJob, op: Op, index: u32): bool {
  const start = startOf(job, index)
  const length = <u32>(endOf(job, index) - start)
  let value = op.values
  for (let i: u32 = 0; i < op.valueCount; i++) {
    const valueLength = load<u32>(value)
    if (valueLength == length && equalBytes(value + 4, start, length)) return op.negate == 0
    value += 4 + valueLength
  }
  return op.negate != 0
}

function writeSyslogHeader(job: EncodeJob, row: u32, severity: u32, out: usize): usize {
  const kind = job.syslog
  if (kind == SYSLOG_NONE) return out
  if (kind == SYSLOG_HOST) return hostSyslog(row, severity, out)
  const priority = job.priorities + <usize>severity * PRIORITY_BYTES
  if (kind == SYSLOG_FIXED) {
    out = copyPlain(out, load<usize>(priority), load<u32>(priority, 4))
    out = copyPlain(out, job.time, job.timeLength)
  } else {
    const index = row * job.columns + job.timeColumn
    const start = startOf(job, index)
    const end = endOf(job, index)
    if (parseTime(start, end) < 0) return hostSyslog(row, severity, out)
    out = copyPlain(out, load<usize>(priority), load<u32>(priority, 4))
    out = kind == SYSLOG_RFC_3164 ? writeRfc3164Time(out, start) : copyPlain(out, start, 24)
  }
  return copyPlain(out, job.host, job.hostLength)
}

/** Octet counting (RFC 6587): the message's length in bytes and a space in front of it. */
function writeLengthInFront(frameStart: usize, out: usize): usize {
  const length = out - frameStart
  let digits: usize = 1
  for (let power: usize = 10; power <= length; power *= 10) digits++
  memory.copy(frameStart + digits + 1, frameStart, length)
  writeInteger(frameStart, length)
  store<u8>(frameStart + digits, 0x20)
  return out + digits + 1
}
