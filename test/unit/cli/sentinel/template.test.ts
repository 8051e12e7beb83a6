/** The template holds what the encoders write, and nothing in it refers to what is not there. */
import { describe, expect, test } from 'vitest'
import { sentinelTemplate, streamOf, type TemplateTable } from '../../../../src/cli/sentinel/template.ts'
import { fileChunks } from '../../../../src/tail/bytes/file-chunks.ts'
import { createEventTransform } from '../../../../src/transform/event-transform.ts'

interface Resource {
  readonly type: string
  readonly name: string
  readonly apiVersion: string
  readonly properties: Readonly<Record<string, unknown>>
}

interface Template {
  readonly parameters: Readonly<Record<string, { readonly type: string }>>
  readonly resources: readonly Resource[]
  readonly outputs: Readonly<Record<string, unknown>>
}

const tables: readonly TemplateTable[] = ['MessageTrackingLog_CL', 'CommonSecurityLog']
const templateFor = (table: TemplateTable) => sentinelTemplate(table) as unknown as Template

function declaredBy({ resources }: Template): ReadonlyMap<string, string> {
  const rule = resources.find(({ type }) => type === 'Microsoft.Insights/dataCollectionRules')
  const streams = rule?.properties.streamDeclarations as Record<
    string,
    { columns: { name: string; type: string }[] }
  >
  return new Map(
    Object.values(streams).flatMap(({ columns }) => columns.map(({ name, type }) => [name, type])),
  )
}

describe.each(tables)('the template for %s', (table) => {
  const template = templateFor(table)
  const text = JSON.stringify(template)

  test('declares each column that rows have, once, with its type', async () => {
    const declared = declaredBy(template)
    const format = table === 'CommonSecurityLog' ? 'common-security-log' : 'message-tracking-log'
    for (const mapping of ['exchange-2013', 'exchange-modern']) {
      const transform = createEventTransform({
        mapping,
        format,
        cefVersion: 1,
        additionalData: 'arcsight',
        categories: 'arcsight',
        syslog: { header: 'none', time: 'event', zone: 'utc', facility: 'local0' },
        framing: 'lf',
        maxMessageBytes: 900_000,
      })
      const types = { string: 'string', number: /^(?:int|long|real)$/ }
      for (const name of ['exchange-2016', 'endings', 'who-and-how']) {
        for await (const chunk of fileChunks(
          new URL(`../../../../fixtures/${name}.log`, import.meta.url).pathname,
        )) {
          for (const { frames } of transform(chunk)) {
            for (const line of frames.toString('utf8').split('\n').slice(0, -1)) {
              for (const [column, value] of Object.entries(JSON.parse(line) as object)) {
                const type = declared.get(column)
                const isTime = type === 'datetime' && !Number.isNaN(Date.parse(String(value)))
                const fits = isTime || type?.match(types[typeof value as keyof typeof types])
                expect({ column, type, fits: Boolean(fits) }).toEqual({ column, type, fits: true })
              }
            }
          }
        }
      }
    }
  })

  test('refers to parameters that it has, and has none that it does not refer to', () => {
    const used = new Set([...text.matchAll(/parameters\('(\w+)'\)/g)].map(([, name]) => name))
    expect([...used].sort()).toEqual(Object.keys(template.parameters).sort())
  })

  test('has balanced expressions, and depends on resources of its own', () => {
    for (const [, expression = ''] of text.matchAll(/"\[([^"]*(?:\\"[^"]*)*)\]"/g)) {
      expect(expression.split('(').length, expression).toBe(expression.split(')').length)
    }
    const types = template.resources.map(({ type }) => type)
    for (const [, depends = ''] of text.matchAll(/"dependsOn":\["\[resourceId\('([^']+)'/g))
      expect(types).toContain(depends)
  })

  test('gives the address of a destination', () => {
    expect(JSON.stringify(template.outputs.to)).toContain(`sentinel://{0}/{1}/${streamOf(table)}`)
  })
})

test('the table has the columns of its stream', () => {
  const template = templateFor('MessageTrackingLog_CL')
  const table = template.resources.find(({ type }) => type.endsWith('/tables'))
  const { columns } = (table as Resource).properties.schema as { columns: { name: string; type: string }[] }
  expect(columns).toHaveLength(32)
  expect(columns.map(({ name }) => name)).toEqual([...declaredBy(template).keys()])
})
