/** Values that no row holds: constants of the source that it came from, and what is said of the agent. */
import type { Derive, DeriveBytes, EventPlan, Inputs, ValuePlan } from '../../flow/plan.ts'
import { fieldBytes } from '../../records/fields.ts'
import type { SourceFields } from '../options.ts'
import type { Dictionary } from '../table/dictionary.ts'
import { nothing } from './making.ts'

export interface GivenValues {
  /** By name of the source; checked. */
  readonly sourceFields: SourceFields
  /** None, or what agent.ts makes. */
  readonly agent: readonly ValuePlan[]
  readonly dictionary: Dictionary
}

/**
 * The plan with these values. A constant of a source stands in place of what the table has under its key; what is said of
 * the agent gives way to both.
 */
export function giveValues(plan: EventPlan, { sourceFields, agent, dictionary }: GivenValues): EventPlan {
  if (sourceFields.size === 0 && agent.length === 0) return plan
  const labelKeys = new Set([...dictionary.keys.values()].flatMap(({ label }) => label ?? []))
  const keys = [...new Set([...sourceFields.values()].flatMap((fields) => Object.keys(fields)))].filter(
    (key) => !labelKeys.has(key),
  )
  const given = keys.flatMap((key) => constantsOf(key, sourceFields, dictionary))
  const hides = (value: ValuePlan): ValuePlan => hidden(value, sourceFields)
  const written = new Set([...plan.fields, ...plan.device, ...plan.additional].map(({ key }) => key))
  return {
    ...plan,
    fields: [...plan.fields.map(hides), ...given.filter(({ label }) => label !== null)],
    device: [
      ...plan.device.map(hides),
      ...given.filter(({ label }) => label === null),
      ...agent.filter(({ key }) => !written.has(key)).map(hides),
    ],
  }
}

/** The constants of all sources under a key: one value, or one for each label that they have for it. */
function constantsOf(key: string, sourceFields: SourceFields, { keys }: Dictionary): ValuePlan[] {
  const entry = keys.get(key)
  if (entry === undefined) return []
  const { label: labelKey, bytes = 64 } = entry
  const labelOf = (fields: Readonly<Record<string, string>>) =>
    labelKey === undefined ? '' : (fields[labelKey] ?? '')
  const labels = new Set([...sourceFields.values()].filter((fields) => key in fields).map(labelOf))
  return [...labels].map((label): ValuePlan => {
    const texts = new Map(
      [...sourceFields].flatMap(([source, fields]) => {
        const text = fields[key]
        return text !== undefined && labelOf(fields) === label ? [[source, text] as const] : []
      }),
    )
    return {
      key,
      column: -1,
      derive: ({ source }) => texts.get(source) ?? '',
      inputs: nothing,
      origin: 'fields of the source',
      as: 'text',
      isWhole: true,
      maxBytes: bytes,
      max: 0n,
      overflowKey: null,
      when: null,
      label: labelKey === undefined ? null : { key: labelKey, text: label },
    }
  })
}

/** The value, but for rows of sources that have a constant for its key. */
function hidden(value: ValuePlan, sourceFields: SourceFields): ValuePlan {
  const sources = new Set([...sourceFields].flatMap(([name, fields]) => (value.key in fields ? [name] : [])))
  if (sources.size === 0) return value
  // What is no text is never anything else than what it is.
  const { fixed: _fixed, chooses = null, ...rest } = value
  const make: Derive | DeriveBytes =
    value.derive ??
    ((records, row) => (value.column < 0 ? '' : fieldBytes(records, row, value.column)) as Buffer)
  const inputs: Inputs | null =
    value.derive === null ? { ...nothing, columns: [value.column] } : withFirst(value.inputs ?? null)
  return {
    ...rest,
    column: -1,
    derive: ((records, row) => (sources.has(records.source) ? '' : make(records, row))) as Derive,
    inputs,
    chooses: chooses && ((records, row) => (sources.has(records.source) ? -1 : chooses(records, row))),
    origin: value.origin ?? 'the column, where the source has no constant',
  }
}

/** As inputs of a text that is never a plain copy. */
function withFirst(inputs: Inputs | null): Inputs | null {
  if (inputs === null || inputs.first < 0) return inputs
  return { ...inputs, first: -1, columns: [...new Set([inputs.first, ...inputs.columns])] }
}
