/** Labels of custom keys, in the style a destination asks for. */

import type { EventPlan } from '../../flow/plan.ts'
import type { Place } from '../../mistakes/place.ts'
import type { Problem } from '../../mistakes/problem.ts'
import type { LabelStyle, SourceFields } from '../options.ts'
import type { Dictionary } from '../table/dictionary.ts'
import type { TableContent } from '../table/schema.ts'

/** What some receivers don't take in the name of a field, which they make of a label. */
const notInNames = /[^A-Za-z0-9_.@-]+/g

/** The plan with its labels in this style. */
export function withLabels(plan: EventPlan, style: LabelStyle): EventPlan {
  if (style === 'space') return plan
  const fields = plan.fields.map((value) => {
    const { label } = value
    return label === null ? value : { ...value, label: { ...label, text: labelText(label.text, style) } }
  })
  return { ...plan, fields }
}

function labelText(label: string, style: LabelStyle): string {
  return style === 'underscore' ? label.replace(notInNames, '_') : label
}

/** Labels of the table that would be one and the same, or nothing that can be told apart. `placeOf`: of a key. */
export function checkLabels(
  { fields }: TableContent,
  style: LabelStyle,
  placeOf: (key: string) => Place,
): Problem[] {
  if (style === 'space') return []
  const seen = new Map<string, string>()
  return fields.flatMap(({ key, label }) => {
    if (label === undefined) return []
    const text = labelText(String(label), style)
    const other = seen.get(text)
    if (other === undefined) seen.set(text, key)
    if (other === undefined && /[A-Za-z0-9]/.test(text)) return []
    const message =
      other === undefined
        ? `with labels: underscore nothing of the label "${label}" is left`
        : `with labels: underscore its label is ${text}, as that of ${other}`
    return [{ where: placeOf(key), message, remedy: 'write another label in ASCII letters and digits' }]
  })
}

/** Labels of constants that would be that of another key of the table or of the same source, or nothing. */
export function checkSourceLabels(
  { fields }: { readonly fields: readonly { readonly key: string; readonly label?: unknown }[] },
  sourceFields: SourceFields,
  { keys }: Dictionary,
  style: LabelStyle,
): Problem[] {
  if (style === 'space') return []
  return [...sourceFields].flatMap(([source, constants]) => {
    const seen = new Map<string, string>()
    // A constant stands in place of what the table has under its key.
    for (const { key, label } of fields) {
      if (label !== undefined && constants[key] === undefined) seen.set(labelText(String(label), style), key)
    }
    return Object.keys(constants).flatMap((key): Problem[] => {
      const label = constants[keys.get(key)?.label ?? '']
      if (label === undefined) return []
      const text = labelText(label, style)
      const other = seen.get(text)
      if (other === undefined) seen.set(text, key)
      if (other === undefined && /[A-Za-z0-9]/.test(text)) return []
      const what = other === undefined ? 'nothing is left of the label' : `as that of ${other} is the label`
      const message = `underscore: ${what} "${label}" of ${key}, a constant of source ${source}`
      const remedy = `write another ${keys.get(key)?.label} in the fields of the source, in ASCII letters and digits`
      return [{ where: { setting: ['labels'] }, message, remedy }]
    })
  })
}
