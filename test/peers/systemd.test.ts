import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { thisProgram } from '../../src/cli/service/definition.ts'
import { unitText } from '../../src/cli/service/systemd.ts'
import { describePeer } from './peer.ts'
import { systemdAnalyzeProgram } from './programs.ts'

const run = promisify(execFile)

describePeer('systemd', systemdAnalyzeProgram, () => {
  test.each([undefined, 'daemon'])('understands the unit, and finds it safe: account %s', async (account) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'msgtrk-unit-'))
    try {
      const unit = path.join(folder, 'msgtrk-tried.service')
      const service = {
        name: 'msgtrk-tried',
        config: '/etc/msgtrk/100% "here".yaml',
        program: thisProgram(),
        writes: ['/var/lib/msgtrk', '/var/log/msgtrk'] as const,
        reads: ['/mnt/EX01'],
        secrets: [],
        account,
        environment: '/etc/msgtrk/100% environment',
        credentials: { folder: '/etc/msgtrk/credentials', names: ['token'] },
      } as const
      await writeFile(unit, unitText({ ...service, writes: [...service.writes] }))
      const verified = await run(systemdAnalyzeProgram, ['verify', unit])
      expect(verified.stderr).toBe('')
      const { stdout } = await run(systemdAnalyzeProgram, ['security', '--offline=yes', unit])
      const [, level] = /exposure level for .*: ([\d.]+)/.exec(stdout) ?? []
      expect(Number(level)).toBeLessThanOrEqual(2)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
