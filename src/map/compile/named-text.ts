/** The text that a name of a mapping table stands for: a column, a key of custom-data, the source. */

import type { Layout } from '../../flow/chunk.ts'
import { fieldText, isBlankField, trimBlanks } from '../../records/fields.ts'
import { columnIndex } from '../../records/layouts.ts'
import type { Organisation } from '../options.ts'
import { outsideName, ownConnectorName, senderDiffersName, sourceName } from '../table/made-names.ts'
import { isCustomKey } from '../table/row-schema.ts'
import { customValue, memberRests, membersSoughtFor, soughtFor } from './custom-data.ts'
import { type Making, nothing } from './making.ts'
import { outsideText, ownConnectorText } from './organisation.ts'
import { senderDiffersText } from './sender.ts'

/** Without the blanks around it, as an event has it; null where the layout lacks the column. */
export function namedText(name: string, layout: Layout, organisation: Organisation = {}): Making | null {
  if (name === sourceName) return { run: ({ source }) => source, inputs: nothing, copies: null }
  if (name === outsideName) return outsideText(layout, organisation)
  if (name === ownConnectorName) return ownConnectorText(layout, organisation)
  if (name === senderDiffersName) return senderDiffersText(layout)
  if (isCustomKey(name)) return customText(name, layout)
  const column = columnIndex(layout, name)
  if (column < 0) return null
  return {
    run: (records, row) => {
      const index = row * records.layout.columns.length + column
      // Most of what is asked for is empty, and no text need be made for that.
      return records.starts[index] === records.ends[index] ? '' : trimBlanks(fieldText(records, row, column))
    },
    inputs: { ...nothing, columns: [column] },
    copies: { column, always: true },
    choice: {
      column: (records, row) => (isBlankField(records, row, column) ? -1 : column),
      inputs: { ...nothing, blanks: [column] },
    },
  }
}

/** What follows this beginning in the members of custom-data. */
export function membersText(beginning: string, layout: Layout): Making | null {
  const column = columnIndex(layout, 'custom-data')
  if (column < 0) return null
  return {
    run: memberRests(column, beginning),
    inputs: { ...nothing, unless: [{ column, text: membersSoughtFor(beginning) }] },
    copies: null,
  }
}

function customText(key: string, layout: Layout): Making | null {
  const column = columnIndex(layout, 'custom-data')
  if (column < 0) return null
  const value = customValue(column, key)
  return {
    run: (records, row) => trimBlanks(value(records, row)),
    inputs: { ...nothing, unless: [{ column, text: soughtFor(key) }] },
    copies: null,
  }
}
