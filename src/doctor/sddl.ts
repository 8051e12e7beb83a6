/** Lists of rights of Windows as text (SDDL), such as `D:PAI(A;OICI;FA;;;SY)(A;;0x1200a9;;;BU)`. */

/** Who can read something. */
export interface Readers {
  /** Accounts and groups that stand for every user of the machine, or of its domain. */
  readonly everyone: readonly string[]
  readonly others: readonly string[]
}

const wide: Readonly<Record<string, string>> = {
  WD: 'Everyone',
  'S-1-1-0': 'Everyone',
  AU: 'Authenticated Users',
  'S-1-5-11': 'Authenticated Users',
  BU: 'Users',
  'S-1-5-32-545': 'Users',
  BG: 'Guests',
  'S-1-5-32-546': 'Guests',
  AN: 'Anonymous',
  IU: 'Interactive',
  'S-1-5-4': 'Interactive',
  NU: 'Network',
  'S-1-5-2': 'Network',
  DU: 'Domain Users',
  DC: 'Domain Computers',
}
const known: Readonly<Record<string, string>> = {
  SY: 'SYSTEM',
  'S-1-5-18': 'SYSTEM',
  BA: 'Administrators',
  'S-1-5-32-544': 'Administrators',
  LA: 'Administrator',
  DA: 'Domain Admins',
  LS: 'Local Service',
  NS: 'Network Service',
  CO: 'whoever made it',
  OW: 'its owner',
}
/** Of the rights that are written as letters those that read, or can have themselves let. */
const reading = ['GA', 'GR', 'FA', 'FR', 'WD', 'WO']
const readBits = 0x1 | 0x4_0000 | 0x8_0000
const genericBits = 0x9000_0000

/** Of the entries that allow and deny; those for what is in a folder count, too. */
export function readersIn(descriptor: string): Readers {
  const list = /D:([A-Z_]*)((?:\([^)]*\))*)/.exec(descriptor)
  if (list === null || list[1] === 'NO_ACCESS_CONTROL') return { everyone: ['Everyone'], others: [] }
  const entries = [...(list[2] ?? '').matchAll(/\(([^;]*);[^;]*;([^;]*);[^;]*;[^;]*;([^;)]*)[^)]*\)/g)]
  const ofKind = (kinds: readonly string[]) =>
    entries.flatMap(([, kind = '', rights = '', sid = '']) =>
      kinds.includes(kind) && canRead(rights) ? [sid] : [],
    )
  const denied = new Set(ofKind(['D', 'XD']))
  const allowed = [...new Set(ofKind(['A', 'XA']))].filter((sid) => !denied.has(sid))
  return {
    everyone: allowed.flatMap((sid) => wideName(sid) ?? []),
    others: allowed.flatMap((sid) => (wideName(sid) === undefined ? [known[sid] ?? sid] : [])),
  }
}

function canRead(rights: string): boolean {
  if (!rights.startsWith('0x')) return (rights.match(/../g) ?? []).some((right) => reading.includes(right))
  const bits = Number(rights)
  return (bits & readBits) !== 0 || (bits & genericBits) !== 0
}

function wideName(sid: string): string | undefined {
  return wide[sid] ?? (/^S-1-5-21-(?:\d+-){3}513$/.test(sid) ? 'Domain Users' : undefined)
}
