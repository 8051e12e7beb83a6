/** The place where one mail acts: rows are written down one after the other, at times that never go back. */
import { allColumns, type Column } from '../records/layouts.ts'
import type { Role } from './layouts.ts'
import type { Mail, MailFactory } from './mails.ts'
import type { Organisation } from './organisation.ts'
import type { Random } from './random.ts'
import { customData } from './texts.ts'

/** Fields of a row by column. */
export type Cells = Readonly<Partial<Record<Column, string>>>

/** A row that will be written at `timeMs`. */
export interface PlannedRow {
  readonly timeMs: number
  readonly role: Role
  /** Fields as Exchange 2016 has them, in the order of `allColumns`; what is stamped later is empty. */
  readonly values: readonly string[]
}

/** What happens to one mail on this server. */
export type Journey = (scene: Scene) => void

export class Scene {
  readonly organisation: Organisation
  readonly random: Random
  readonly mails: MailFactory
  readonly rows: PlannedRow[] = []
  #nowMs: number

  constructor(organisation: Organisation, mails: MailFactory, random: Random, startMs: number) {
    this.organisation = organisation
    this.mails = mails
    this.random = random
    this.#nowMs = startMs
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** Lets time pass, `meanMs` on average. */
  wait(meanMs: number): void {
    this.#nowMs += Math.ceil(this.random.gap(meanMs))
  }

  /** Writes a row of the mail; `cells` are laid over what every row of the mail has. */
  write(role: Role, mail: Mail, source: string, event: string, cells: Cells): void {
    const values = valuesOf(mail)
    values[column['custom-data']] = cells['custom-data'] ?? customData(this.organisation, mail)
    this.#add(role, source, event, values, cells)
  }

  /** Writes a row that tells of no mail: only the given fields. */
  writeBare(role: Role, source: string, event: string, cells: Cells): void {
    this.#add(
      role,
      source,
      event,
      allColumns.map(() => ''),
      cells,
    )
  }

  #add(role: Role, source: string, event: string, values: string[], cells: Cells): void {
    values[column.source] = source
    values[column['event-id']] = event
    for (const name in cells) values[column[name as Column]] = cells[name as Column] as string
    this.rows.push({ timeMs: this.#nowMs, role, values })
    this.wait(40)
  }
}

/** Place of each column in the values of a row. */
export const column = Object.fromEntries(allColumns.map((name, index) => [name, index])) as Readonly<
  Record<Column, number>
>

// An array filled in place: objects of thirty keys made two thirds of the time of a simulation.
function valuesOf(mail: Mail): string[] {
  const values = allColumns.map(() => '')
  values[column['internal-message-id']] = mail.internalId
  values[column['message-id']] = mail.messageId
  values[column['network-message-id']] = mail.networkId
  values[column['recipient-address']] = mail.recipientList
  values[column['total-bytes']] = mail.totalBytes
  values[column['recipient-count']] = mail.recipientCount
  values[column['message-subject']] = mail.subject
  values[column['sender-address']] = mail.sender
  values[column['return-path']] = mail.returnPath
  values[column.directionality] = mail.directionality
  values[column['transport-traffic-type']] = 'Email'
  return values
}
