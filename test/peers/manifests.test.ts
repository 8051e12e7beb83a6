/** Files in deploy/ for other systems, before judges that know these. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { describePeer } from './peer.ts'
import { pythonModules, pythonProgram } from './programs.ts'

const call = promisify(execFile)
const deploy = (name: string) => path.join(import.meta.dirname, '../../deploy', name)
const env = { ...process.env, PYTHONPATH: pythonModules }
const python = (...args: readonly string[]) => call(pythonProgram, args, { env })

describePeer('kubernetes-validate', [pythonProgram, path.join(pythonModules, 'kubernetes_validate')], () => {
  test('finds each object for Kubernetes as it has to be', async () => {
    const file = deploy('kubernetes/msgtrk.yaml')
    const { stdout } = await python('-m', 'kubernetes_validate', '--strict', file)
    const objects = (await readFile(file, 'utf8')).match(/^kind: /gm)?.length ?? 0
    expect(stdout.match(/ passed for resource /g)).toHaveLength(objects)
  })
})

describePeer('compose-spec', [pythonProgram, path.join(pythonModules, 'compose_spec')], () => {
  test('finds the file for compose as it has to be', async () => {
    const judge = `import sys, compose_spec
compose = compose_spec.PyCompose.from_yaml(open(sys.argv[1]).read())
compose.validate()
print(compose.service_names())`
    expect((await python('-c', judge, deploy('compose.yaml'))).stdout).toBe("['msgtrk']\n")
  })
})
