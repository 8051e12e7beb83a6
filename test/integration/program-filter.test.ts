import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Workplace } from '../support/program.ts'

test.concurrent('rows are the same from a file, from standard input and into a file', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const log = await place.fixture('event-ids.log')
  const filter = ['filter', '--events', 'SEND,RECEIVE']
  const { code, stdout, stderr } = await place.run(...filter, 'event-ids.log')
  expect(code).toBe(0)
  expect(stderr).toMatch(/^files 1, records \d+, events [1-9]/)
  expect((await place.runOn(log, ...filter)).stdout).toEqual(stdout)
  const written = await place.run(...filter, 'event-ids.log', '-o', 'mail.LOG')
  expect(written).toMatchObject({ code: 0, stdout: Buffer.alloc(0) })
  expect(await readFile(place.path('mail.LOG'))).toEqual(stdout)
})
