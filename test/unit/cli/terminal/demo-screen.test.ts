import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { DemoScreen } from '../../../../src/cli/terminal/demo-screen.ts'
import { decodeFrame } from '../../../../src/receive/frame-decoder.ts'

/** What a screen of this width shows of one event that was received, and of nothing that is proved yet. */
function shown(columns: number | undefined): readonly string[] {
  let text = ''
  const write = (part: string) => {
    text += part
  }
  const stream = columns === undefined ? { write } : { write, columns, isTTY: true }
  const screen = new DemoScreen(stream, ['/tmp/EX01'])
  screen.start('tls://127.0.0.1:6514', [])
  const mail = `suser=${'s'.repeat(40)}@example.com duser=${'r'.repeat(40)}@example.com msg=Subject of ${'words '.repeat(20)}`
  const event = `CEF:0|Microsoft|Exchange Server|15|HAREDIRECT|HAREDIRECT|3|rt=1795183200123 ${mail.trim()}`
  screen.received(decodeFrame(Buffer.from(`<134>Nov 20 14:00:00 EX01 ${event}`)))
  if (columns === undefined) screen.close()
  else screen.draw()
  return stripVTControlCharacters(text).trimEnd().split('\n')
}

test.each([80, 100, 200])(
  'at %i columns each of event, sender, recipient and subject has its place',
  (columns) => {
    const lines = shown(columns)
    for (const line of lines) expect(line.length).toBeLessThan(columns)
    expect(lines.at(-1)).toMatch(/^ {2}14:00:00(\.123)? {2}HAREDIRECT +s{10,}… → r{10,}… {2}Subject of .*…$/)
  },
)

test('what was received and what is proved are told apart, on a terminal and elsewhere', () => {
  const text = shown(80).join('\n')
  expect(text).toMatch(/events received +1 /)
  expect(text).toMatch(/events delivered +0 +proved by the receiver/)
  expect(shown(undefined).join('\n')).toMatch(/events received 1, delivered \(proved\) 0, /)
})
