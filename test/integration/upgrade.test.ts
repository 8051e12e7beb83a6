/** What one version finds of another, as docs/upgrade.md tells it. */
import { cp, readFile, rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Workplace } from '../support/program.ts'

const rows = 300

test.concurrent('positions of a later version stop an older one, which leaves them; those kept from before are gone on from', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.simulate('EX01', rows)
  await place.write(
    'msgtrk.yaml',
    `state: state\nsources: [{ name: EX01, folder: EX01 }]\ndestinations: [{ name: siem, to: '${siem.url}' }]\n`,
  )
  const once = () => place.run('run', '--config', 'msgtrk.yaml', '--once')
  expect(await once()).toMatchObject({ code: 0 })
  await cp(place.path('state'), place.path('state.before'), { recursive: true })

  const positions = await readFile(place.path('state/siem/positions.json'), 'utf8')
  expect(positions).toMatch(/^\{"version":1,/)
  const later = positions.replace('"version":1,', '"version":1000,')
  await place.write('state/siem/positions.json', later)
  const refused = await once()
  expect(refused.code).toBe(3)
  expect(refused.stderr).toContain('was written by a newer msgtrk (version 1000')
  expect(await readFile(place.path('state/siem/positions.json'), 'utf8')).toBe(later)

  await rm(place.path('state'), { recursive: true })
  await cp(place.path('state.before'), place.path('state'), { recursive: true })
  expect(await once()).toMatchObject({ code: 0 })
  expect(siem.frames).toHaveLength(rows)
})

test.concurrent('a setting of a later version is a mistake, and nothing is sent', async ({
  onTestFinished,
}) => {
  const place = await Workplace.open(onTestFinished)
  const siem = await place.collect()
  await place.simulate('EX01', rows)
  await place.write(
    'msgtrk.yaml',
    `sources: [{ folder: EX01 }]\ndestinations:\n  - to: '${siem.url}'\n    ofLaterVersions: true\n`,
  )
  const { code, stderr } = await place.run('run', '--config', 'msgtrk.yaml', '--once')
  expect(code).toBe(2)
  expect(stderr).toContain('msgtrk.yaml:4 destinations.0.ofLaterVersions: is no setting')
  expect(siem.frames).toEqual([])
})
